"""Whether ``pinekeep revoke`` has cut Pinecone off: what looks broken then is meant to be so."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pinekeep.account.reads.live import Document
from pinekeep.model import naming
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME, cuts_off
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict, failed, passed

MEANING: Final = "Pinecone cannot read or write the project's data until its access is restored; no data is lost."


def is_cut_off(documents: Mapping[str, Any] | None) -> bool:
    """Tell whether the inline policies of a role are found to deny it everything, as ``revoke`` does it."""
    return cuts_off((documents or {}).get(REVOKED_POLICY_NAME))


def since(subject: Subject, parameters: Mapping[str, Document] | None, *, what: str) -> str | None:
    """Return in words since when ``revoke`` notes a role (by name) or a key (by ARN); None where it does not."""
    note = note_of(subject, parameters)
    known = [*(note.get("roles") or []), note.get("key_arn")]
    return f" since {note.get('noted_at')}" if what in known else None


def note_of(subject: Subject, parameters: Mapping[str, Document] | None) -> dict[str, Any]:
    """Return the note of ``revoke``; an empty one where there is none, or one that cannot be read."""
    found = (parameters or {}).get(naming.revocation_parameter(subject.name))
    try:
        note = json.loads(found["Value"]) if found else None
    except ValueError:
        note = None
    return note if isinstance(note, dict) else {}


def restore(subject: Subject) -> str:
    """Return what lets Pinecone in again."""
    return f"restore Pinecone's access: {subject.run('restore')}"


CHECKS: Final = registry()


@CHECKS.add(
    id="role-cut-off",
    title="Whether Pinecone's access is revoked",
    wanted="Pinecone has access",
    meaning=MEANING,
    applies=with_cmek,
    of_each_role=True,
)
def _cut_off(
    subject: Subject, role: Document, inline_documents: Mapping[str, Any], parameters: Mapping[str, Document]
) -> Verdict:
    del role  # it is there, which is all that is asked of it
    if not is_cut_off(inline_documents):
        return passed()
    return failed(
        f"Pinecone is cut off by pinekeep revoke{since(subject, parameters, what=subject.role.name) or ''}: the policy "
        f"{REVOKED_POLICY_NAME} denies role {subject.role.name} everything",
        fix=restore(subject),
    )
