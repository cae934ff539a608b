"""What `cdk bootstrap` left in the account and Region."""

from collections.abc import Iterator
from typing import Final

from pinekeep.checks.finding import Verdict, failed, noted, passed
from pinekeep.facts import bootstrap as facts
from pinekeep.preflight.check import CheckInfo, Subject, here

_WANTED: Final = f"version {facts.VERSION_NEEDED} or newer"


def version(subject: Subject) -> Iterator[Verdict]:
    """The account is bootstrapped in the Region, by a version that the CDK command line can work with."""
    found = subject.seen.bootstrap
    account, region = subject.deployment.account, subject.deployment.region
    command = f"cdk bootstrap aws://{account}/{region}"
    if found is None:
        yield failed(
            f"account {account} is not bootstrapped in {region}", wanted=_WANTED, fix=f"prepare it once: {command}"
        )
        return
    number = int(str(found)) if str(found).isdecimal() else None
    if number is None:
        yield noted(
            f"the version is {found!r}, which is no number", wanted=_WANTED, fix=f"bring it up to date: {command}"
        )
    elif number < facts.VERSION_NEEDED:
        yield failed(
            f"the bootstrap of account {account} in {region} has version {number}, and the CDK command line needs "
            f"{facts.VERSION_NEEDED}",
            wanted=_WANTED,
            fix=f"bring it up to date: {command}",
        )
    elif number < facts.VERSION_WITH_ROLLBACK:
        lacks = "the deploy role cannot undo a failed update (`cdk rollback`)"
        if number < facts.VERSION_WITH_LOOKUP_ROLE:
            lacks = f"there is no lookup role, so the deploy role reads in its place; {lacks}"
        yield noted(
            f"version {number}: {lacks}",
            wanted=_WANTED,
            fix=f"bring it up to date: {command}",
            meaning="Deploying works; undoing an update that failed is left to you.",
        )
    else:
        yield passed(f"version {number}", wanted=_WANTED)


CHECKS: Final = (
    CheckInfo(
        id="bootstrap-version",
        title="Bootstrap of the account and Region",
        wanted=_WANTED,
        meaning="Without it the CDK command line has no bucket for templates and no roles to deploy with.",
        reads=("bootstrap",),
        applies=here,
        run=version,
    ),
)
