"""Principals and policies in the configuration: key administrators, permissions boundary, Pinecone's access roles."""

from collections.abc import Iterator, Mapping
from typing import Final

from pinekeep.account.reads.live import Unreadable
from pinekeep.decisions.privileges.scope import makes_roles
from pinekeep.model.facts import pinecone
from pinekeep.operations.preflight.check import Subject, here, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed, unreadable


def _named(subject: Subject) -> bool:
    """A key of the deployment's own, with administrators."""
    return with_cmek(subject) and bool(subject.cmek.key.administrators)


def _bounded(subject: Subject) -> bool:
    """Roles that are made with a permissions boundary."""
    deployment = subject.deployment
    return here(subject) and makes_roles(deployment) and deployment.permissions_boundary is not None


CHECKS: Final = registry(applies=with_cmek)


@CHECKS.add(
    id="key-administrators",
    title="Administrators of the key",
    wanted="roles and users that exist",
    meaning="KMS refuses a key policy that names a principal which does not exist, and CloudFormation undoes the "
    "deployment.",
    reads=("administrators",),
    applies=_named,
)
def _administrators(subject: Subject) -> Iterator[Verdict]:
    found = subject.seen.administrators
    if not isinstance(found, Mapping):
        return
    named = subject.cmek.key.administrators
    missing = [arn for arn in named if arn in found and not isinstance(found[arn], Unreadable) and found[arn] != arn]
    closed = next((each for each in found.values() if isinstance(each, Unreadable)), None)
    elsewhere = [arn for arn in named if _account(arn) != subject.account]
    if missing:
        yield failed(
            "; ".join(_told(arn, found[arn]) for arn in missing),
            fix="; ".join(_fix(arn, found[arn]) for arn in missing),
        )
    if closed:
        yield unreadable(closed)
    if elsewhere:
        yield noted(
            f"{', '.join(elsewhere)} cannot be looked up from account {subject.account}",
            fix="see in their own account that they exist",
        )
    if not missing and not closed and not elsewhere:
        yield passed(", ".join(named))


def _told(arn: str, there: object) -> str:
    kind, name = _kind(arn), arn.rpartition("/")[2]
    if there is None:
        return f"account {_account(arn)} has no {kind} {name}, which {arn} names"
    return f"there is no {arn}; the {kind} {name} is {there}"


def _fix(arn: str, there: object) -> str:
    if there is None:
        kind = _kind(arn)
        return (
            f"create the {kind} first, or correct cmek.key.administrators; "
            f"`aws iam list-{kind}s --query {kind.title()}s[].Arn` lists those that there are"
        )
    return f"write {there} under cmek.key.administrators"


@CHECKS.add(
    id="permissions-boundary",
    title="Permissions boundary of the roles",
    wanted="a managed policy that exists",
    meaning="IAM refuses a role whose permissions boundary does not exist, and CloudFormation rolls the "
    "deployment back.",
    reads=("boundary",),
    applies=_bounded,
)
def _boundary(subject: Subject) -> Verdict:
    arn = subject.deployment.permissions_boundary
    if subject.seen.boundary is not None:
        return passed(str(arn))
    by_aws = _account(str(arn)) == _AWS
    whose, scope = ("AWS manages", "AWS") if by_aws else (f"account {subject.account} has", "Local")
    return failed(
        f"{whose} no policy {arn}",
        fix="create the policy first (`pinekeep permissions --for boundary` prints one), or correct "
        f"permissions_boundary; `aws iam list-policies --scope {scope} --query Policies[].Arn` lists those that there "
        "are",
    )


_AWS: Final = "aws"
"""What stands in place of the account in the ARN of a policy that AWS manages."""


def _account(arn: str) -> str:
    return arn.split(":")[4]


def _kind(arn: str) -> str:
    return arn.split(":", 5)[5].partition("/")[0]


@CHECKS.add(
    id="trusted-regions",
    title="Pinecone's access roles",
    wanted="Regions in which Pinecone documents an access role",
    meaning="IAM refuses a trust policy that names a role which does not exist, and with it the whole deployment.",
    blocks=False,
)
def _regions(subject: Subject) -> Verdict:
    """Every Region that is named has an access role that Pinecone documents. Nobody outside can look whether it has."""
    trusted = subject.cmek.trust.regions
    if trusted == "all":
        return passed("a pattern, which IAM accepts whether the roles exist or not")
    others = [each for each in trusted if each not in pinecone.DOCUMENTED_ACCESS_REGIONS]
    if not others:
        return passed(", ".join(trusted))
    roles = ", ".join(f"{pinecone.ACCESS_ROLE_PREFIX}{each}" for each in others)
    return noted(
        f"{roles}: not documented by Pinecone. If account {subject.pinecone_account} has no such role, IAM refuses the "
        "trust policy and CloudFormation rolls the deployment back",
        fix="ask Pinecone's support first; `regions: all` with an external ID trusts the roles by a pattern instead",
    )
