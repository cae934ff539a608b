"""What somebody may do to a live deployment by hand, and what `verify` has to say about it: one row each.

Each row makes one thing wrong in an otherwise right deployment.
"""

from collections.abc import Iterator

from tests.operations.verification.checks.breakages import key_policies, network, role_and_key, trust
from tests.operations.verification.checks.breakages.changes import Row, world

__all__ = ["Row", "rows", "world"]


def rows() -> Iterator[Row]:
    """Yield every row."""
    yield from trust.external_ids_rows()
    yield from trust.trust_rows()
    yield from key_policies.key_policy_rows()
    yield from key_policies.adopted_key_rows()
    yield from role_and_key.role_rows()
    yield from role_and_key.key_rows()
    yield from network.network_rows()
    yield from network.dns_rows()
