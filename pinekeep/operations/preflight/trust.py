"""Whom the role would trust: roles of Pinecone's that may not exist."""

from collections.abc import Iterator
from typing import Final

from pinekeep.model.facts import pinecone
from pinekeep.operations.preflight.check import Subject, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict, noted, passed

CHECKS: Final = registry()


@CHECKS.add(
    id="trusted-regions",
    title="Pinecone's access roles",
    wanted="Regions in which Pinecone documents an access role",
    meaning="IAM refuses a trust policy that names a role which does not exist, and with it the whole deployment.",
    reads=(),
    applies=with_cmek,
    blocks=False,
)
def _regions(subject: Subject) -> Iterator[Verdict]:
    """Every Region that is named has an access role that Pinecone documents. Nobody outside can look whether it has."""
    trusted = subject.cmek.trust.regions
    if trusted == "all":
        yield passed("a pattern, which IAM takes whether the roles exist or not")
        return
    others = [each for each in trusted if each not in pinecone.DOCUMENTED_ACCESS_REGIONS]
    if not others:
        yield passed(", ".join(trusted))
        return
    roles = ", ".join(f"{pinecone.ACCESS_ROLE_PREFIX}{each}" for each in others)
    yield noted(
        f"{roles}: not documented by Pinecone. If account {subject.pinecone_account} has no such role, IAM refuses the "
        "trust policy and CloudFormation undoes the deployment",
        fix="ask Pinecone's support first; `regions: all` with an external ID trusts the roles by a pattern instead",
    )
