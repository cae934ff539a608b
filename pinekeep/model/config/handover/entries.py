"""What was handed over, as plain values: what the file beside the configuration holds, apart from its format."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pinekeep.model.policies.trust import Regions
from pinekeep.model.values.trust import NO_EXTERNAL_ID

_ALGORITHM: Final = "sha256"


@dataclass(frozen=True, kw_only=True)
class Handover:
    """What Pinecone was given for one deployment and keeps for good.

    Attributes:
        account: the AWS account of the role.
        region: the Region of the stacks.
        role_arn: the ARN of the role.
        key_arn: the ARN of the key; None where only customers' keys are used.
        key_adopted: whether the key was adopted, so that the stack would make another without ``adopt``.
        external_id: the digest of the external ID, as :func:`digest` returns it; None where it is not known.
        pinecone_account: the AWS account of Pinecone's that the role trusts; None where it is not known.
        regions: the Pinecone regions that the role trusts; None where they are not known.
        recorded_at: when it was recorded in the account, in UTC, as ISO 8601.
    """

    account: str
    region: str
    role_arn: str
    key_arn: str | None = None
    key_adopted: bool = False
    external_id: str | None = None
    pinecone_account: str | None = None
    regions: Regions | None = None
    recorded_at: str


def digest(external_id: str) -> str:
    """Return what stands in the file for an external ID: its SHA-256 digest, or the word ``none`` for none."""
    if external_id == NO_EXTERNAL_ID:
        return NO_EXTERNAL_ID
    return f"{_ALGORITHM}:{hashlib.sha256(external_id.encode()).hexdigest()}"


def handover_path(configuration: Path) -> Path:
    """Return where the file is: ``pinekeep.handed-over.json`` for ``pinekeep.yaml``."""
    return configuration.with_suffix(".handed-over.json")
