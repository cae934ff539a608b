"""Pack a number of customers, and print the lowest processor time of several runs, in seconds."""

import sys
import time

from pinekeep.model.customers.packing import CustomerKeys, pack
from pinekeep.model.policies.permissions import account_keys_arn

TIMES = 15


def main(count: int) -> float:
    """Return the lowest time of several runs."""
    customers = [CustomerKeys(f"c{each}", (account_keys_arn(f"{600000000000 + each}"),)) for each in range(count)]
    took = []
    for _ in range(TIMES):
        start = time.process_time()
        packing = pack(customers)
        took.append(time.process_time() - start)
        assert len(packing.places) == count
    return min(took)


if __name__ == "__main__":
    print(main(int(sys.argv[1])))
