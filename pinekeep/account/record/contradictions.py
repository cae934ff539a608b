"""What the file says otherwise than what Pinecone was given. Pure.

Whatever else is wrong: bringing the account to such a file would take from Pinecone what it has. So the file is changed
back first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.policies.compare import shortened
from pinekeep.model.values.trust import NO_EXTERNAL_ID


@dataclass(frozen=True)
class Contradiction:
    """One setting of the file that is not what was handed over.

    Attributes:
        setting: the setting, as the file has it below the deployment; ``pinecone_account`` stands at the top.
        given: what Pinecone was given; an external ID shortened.
    """

    setting: str
    given: str

    def __str__(self) -> str:
        return f"{self.setting} (Pinecone was given {self.given})"


def contradictions(
    name: str, deployment: Deployment, *, pinecone_account: str | None, handed_over: HandedOver
) -> Iterator[Contradiction]:
    """Yield each setting of a deployment with ``cmek`` that is not what was handed over.

    Args:
        name: the deployment's name.
        deployment: its settings.
        pinecone_account: Pinecone's own AWS account by the file.
        handed_over: what was recorded.
    """
    cmek, terms = deployment.cmek, handed_over.terms
    if cmek is None:
        return
    if terms.pinecone_account not in (None, pinecone_account):
        yield Contradiction("pinecone_account", str(terms.pinecone_account))
    given = handed_over.get(Value.EXTERNAL_ID)
    if given not in (None, str(cmek.trust.external_id)):
        yield Contradiction("cmek.trust.external_id", given if given == NO_EXTERNAL_ID else shortened(str(given)))
    role = handed_over.get(Value.ROLE_ARN)
    if role not in (None, role_arn_of(name, deployment)):
        yield Contradiction("cmek.role_name", str(role))
    key = handed_over.get(Value.KEY_ARN)
    if key is not None and (not cmek.has_own_key or cmek.key.adopt not in (None, key)):
        yield Contradiction("cmek.key.adopt" if cmek.has_own_key else "cmek.key", key)
    trusted = cmek.trust.regions
    if terms.regions is not None and trusted != "all":
        gone = ["all"] if terms.regions == "all" else [each for each in terms.regions if each not in trusted]
        if gone:
            yield Contradiction("cmek.trust.regions", ", ".join(gone))
