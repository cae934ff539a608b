"""Reading back what was deployed: whether the account matches the templates."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pinekeep.account.credentials.access import Access
from pinekeep.model.config import Configuration, Deployment
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import PROMISED, verify

PAUSES: Final = (1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts after a change. IAM and KMS show a change to every reader only after some seconds: "Changes
that I make are not always immediately visible" (IAM User Guide), "AWS KMS eventual consistency" (KMS Developer Guide),
docs.aws.amazon.com, checked 2026-11-29."""


@dataclass(frozen=True, kw_only=True)
class ReadBack:
    """The failed checks of what the templates define, and those that these credentials cannot make."""

    failed: tuple[Finding, ...] = ()
    unreadable: tuple[Finding, ...] = ()


def read_back(
    configuration: Configuration,
    deployments: Mapping[str, Deployment],
    *,
    access: Access,
    changed: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> ReadBack:
    """Return what is not as the deployed templates say. Reads only; after a change, repeatedly until nothing fails.

    The configuration's ledger of customers must be up to date. Raises AwsRefusedError if AWS cannot be asked at all.
    """
    found = _look(configuration, deployments, access)
    for pause in PAUSES if changed else ():
        if not found.failed:
            break
        sleep(pause)
        found = _look(configuration, deployments, access)
    return found


def _look(configuration: Configuration, deployments: Mapping[str, Deployment], access: Access) -> ReadBack:
    findings = verify(
        deployments,
        pinecone_account=configuration.content.pinecone_account,
        clients_for=access.clients_for,
        customers=configuration.rosters.packings,
        checks=PROMISED,
    )
    return ReadBack(
        failed=tuple(each for each in findings if each.status == "failed"),
        unreadable=tuple(each for each in findings if each.status == "unreadable"),
    )
