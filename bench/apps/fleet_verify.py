"""Verify a fleet of so many accounts on an AWS with a latency, and print the time in seconds.

boto3's own clients sign each request and parse each answer; only sockets are left out.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.fleet_accounts import FleetAws, fleet_of
from pinekeep.operations.fleet.verification.run import job_of, verify_fleet
from pinekeep.operations.fleet.verification.store import Store

LATENCY = 0.05
"""Seconds: what an answer of AWS takes at least from another continent, and often from the same Region."""


def main() -> float:
    """Verify, require that all is correct, and return the seconds, including clients, listings and the file."""
    fleet = fleet_of(int(sys.argv[1]))
    aws = FleetAws(fleet, latency=LATENCY)
    aws.prepare()
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        with Store.open(Path(folder, "results.sqlite")) as store:
            job = job_of(fleet, aws.clients(), handovers={}, delegated=aws.shared)
            found = verify_fleet(job, fleet, fleet.targets, store=store, configuration="", complete=True)
        took = time.perf_counter() - start
    wrong = [each for each in found.results if not each.passes]
    if wrong:
        raise RuntimeError(f"{len(wrong)} targets are not right, the first {wrong[0]}")
    return took


if __name__ == "__main__":
    print(main())
