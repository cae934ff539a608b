"""The credentials: whose they are, and whether they last as long as a deployment may take."""

from datetime import timedelta
from typing import Final

from pinekeep.account.credentials.identity import credentials_hint
from pinekeep.operations.preflight.check import Subject, always, here, registry
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

SHORT: Final = timedelta(minutes=60)
"""A first deployment with an endpoint takes minutes; one that CloudFormation undoes, longer."""

CHECKS: Final = registry(reads=())


@CHECKS.add(
    id="credentials-account",
    title="Account of the credentials",
    wanted="credentials of the deployment's account",
    meaning="In another account the deployment would make a second key and a second role that Pinecone never hears of.",
    applies=always,
)
def _account(subject: Subject) -> Verdict:
    caller, wanted = subject.caller, subject.account
    if caller.by_bootstrap:
        return noted(
            f"credentials of another account, which act here as {caller.arn}",
            fix=credentials_hint(subject.deployment, name=subject.name),
            meaning="The roles of the CDK bootstrap are enough to look and to plan; `pinekeep deploy` also sets a "
            "stack policy, which they may not.",
        )
    if subject.in_its_account:
        return passed(f"{caller.arn} of account {caller.account}")
    return failed(
        f"the credentials are for account {caller.account} ({caller.arn})",
        wanted=f"account {wanted}",
        fix=credentials_hint(subject.deployment, name=subject.name),
    )


@CHECKS.add(
    id="credentials-session",
    title="Expiry of the credentials",
    wanted="an hour or more",
    meaning="If they expire during a deployment, its progress is no longer shown.",
    applies=here,
    blocks=False,
)
def _session(subject: Subject) -> Verdict | None:
    found = subject.session
    if found is None:
        return None
    if not found.temporary:
        return passed("they do not expire")
    if found.ends is None:
        return passed("they expire at an unknown time")
    left = found.ends - subject.now
    told = f"they expire at {found.ends:%H:%M} UTC, in {max(0, int(left.total_seconds() // 60))} minutes"
    if found.renews:
        return passed(f"{told}, and are renewed automatically")
    if left >= SHORT:
        return passed(told)
    return noted(
        told,
        fix="sign in again first. Nothing is lost if they expire during the deployment: CloudFormation continues, "
        "and the next `pinekeep deploy` resumes",
    )
