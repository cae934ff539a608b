"""What `cdk bootstrap` left in the account and Region."""

from typing import Final

from pinekeep.account.reads.live import Unreadable
from pinekeep.model.config.bootstrap import BootstrapOf, bootstrap_of
from pinekeep.model.facts import bootstrap as facts
from pinekeep.model.words import listed
from pinekeep.operations.preflight.check import Subject, here, registry
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

CHECKS: Final = registry()


@CHECKS.add(
    id="bootstrap-version",
    title="Bootstrap of the account and Region",
    wanted=f"version {facts.VERSION_NEEDED} or newer",
    meaning="Without it the CDK command line has no bucket for templates and no roles to deploy with.",
    reads=("bootstrap",),
    uses=("other_bootstraps",),
    applies=here,
)
def _version(subject: Subject) -> Verdict:
    found = subject.seen.bootstrap
    account, region = subject.account, subject.region
    named = bootstrap_of(subject.deployment)
    if found is None:
        return _missing(subject, named)
    update = f"bring it up to date: {named.command}"
    if not named.is_default:
        update = "have it brought up to date by whoever made it, with the options and the toolkit stack that it was "
        update += "made with"
    number = int(str(found)) if str(found).isdecimal() else None
    if number is None:
        return noted(f"the version is {found!r}, which is no number", fix=update)
    if number < facts.VERSION_NEEDED:
        return failed(
            f"the bootstrap of account {account} in {region} has version {number}, and the CDK command line needs "
            f"{facts.VERSION_NEEDED}",
            fix=update,
        )
    if number < facts.VERSION_WITH_ROLLBACK:
        lacks = "the deploy role cannot undo a failed update (`cdk rollback`)"
        if number < facts.VERSION_WITH_LOOKUP_ROLE:
            lacks = f"there is no lookup role, so the deploy role reads in its place; {lacks}"
        return noted(
            f"version {number}: {lacks}",
            fix=update,
            meaning="Deploying works; undoing an update that failed is left to you.",
        )
    return passed(f"version {number}")


def _missing(subject: Subject, named: BootstrapOf) -> Verdict:
    """Return what to do where the bootstrap is not there: never a way past one that the organization has made."""
    account, region, others = subject.account, subject.region, subject.seen.other_bootstraps
    if isinstance(others, Unreadable):
        return failed(
            f"account {account} has no {named.version_parameter} in {region}; whether it is bootstrapped with another "
            f"qualifier could not be read ({others.permission})",
            fix="ask whoever set the account up for the bootstrap's qualifier, and write bootstrap: {qualifier: NAME}; "
            f"only where there is none at all, prepare it once: {named.command}",
        )
    if named.settings.bootstrap_stack_version_ssm_parameter:
        return failed(
            f"account {account} has no parameter {named.version_parameter} in {region}",
            fix="see bootstrap.bootstrap_stack_version_ssm_parameter in the file"
            + (f"; there are bootstraps with the qualifiers {listed(others)}" if others else ""),
        )
    if others:
        with_ = f"qualifier {others[0]}" if len(others) == 1 else f"the qualifiers {listed(others)}"
        which = "" if len(others) == 1 else " (or the one of the others that is meant for you)"
        return failed(
            f"account {account} is bootstrapped in {region} with {with_}, not with {named.qualifier}",
            fix=f"write bootstrap: {{qualifier: {others[0]}}}{which} in deployment {subject.name}, or at the top of "
            "the file for every deployment",
        )
    return failed(f"account {account} is not bootstrapped in {region}", fix=f"prepare it once: {named.command}")
