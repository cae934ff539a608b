"""The credentials: whose they are, and whether they last as long as a deployment may take."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from pinekeep.account.credentials.identity import credentials_hint
from pinekeep.operations.preflight.check import CheckInfo, Subject, always, here
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

SHORT: Final = timedelta(minutes=60)
"""A first deployment with an endpoint takes minutes; one that CloudFormation undoes, longer."""

_ACCOUNT: Final = "credentials of the deployment's account"
_LASTS: Final = "an hour or more"


def account(subject: Subject) -> Iterator[Verdict]:
    """The credentials are of the deployment's account."""
    caller, wanted = subject.caller, subject.deployment.account
    if caller.by_bootstrap:
        yield noted(
            f"credentials of another account, which act here as {caller.arn}",
            wanted=_ACCOUNT,
            fix=credentials_hint(subject.deployment, name=subject.name),
            meaning="The roles of the CDK bootstrap are enough to look and to plan; `pinekeep deploy` also sets a "
            "stack policy, which they may not.",
        )
        return
    if subject.in_its_account:
        yield passed(f"{caller.arn} of account {caller.account}", wanted=_ACCOUNT)
        return
    yield failed(
        f"the credentials are for account {caller.account} ({caller.arn})",
        wanted=f"account {wanted}",
        fix=credentials_hint(subject.deployment, name=subject.name),
    )


def session(subject: Subject) -> Iterator[Verdict]:
    """They last long enough."""
    found = subject.session
    if found is None:
        return
    if not found.temporary:
        yield passed("they do not end", wanted=_LASTS)
        return
    if found.ends is None:
        yield passed("they end, and nobody here knows when", wanted=_LASTS)
        return
    left = found.ends - subject.now
    told = f"they end at {found.ends:%H:%M} UTC, in {max(0, int(left.total_seconds() // 60))} minutes"
    if found.renews:
        yield passed(f"{told}, and are fetched anew by themselves", wanted=_LASTS)
    elif left >= SHORT:
        yield passed(told, wanted=_LASTS)
    else:
        yield noted(
            told,
            wanted=_LASTS,
            fix="sign in again first. Nothing is lost if they end on the way: CloudFormation goes on by itself, and "
            "the next `pinekeep deploy` takes up from there",
        )


CHECKS: Final = (
    CheckInfo(
        id="credentials-account",
        title="Account of the credentials",
        wanted=_ACCOUNT,
        meaning="In another account the deployment would make a second key and a second role that Pinecone never "
        "hears of.",
        reads=(),
        applies=always,
        run=account,
    ),
    CheckInfo(
        id="credentials-session",
        title="End of the credentials",
        wanted=_LASTS,
        meaning="When they end on the way you no longer see how the deployment goes on.",
        reads=(),
        applies=here,
        run=session,
        blocks=False,
    ),
)
