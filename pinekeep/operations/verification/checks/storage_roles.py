"""The storage stack, and the roles that Pinecone's S3 account assumes. Source: facts.pinecone.STORAGE_PAGE."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pinekeep.account.reads.live import Document, LiveRole, Unreadable
from pinekeep.model import naming
from pinekeep.model.arns import policy_arn
from pinekeep.model.config.models import storage_role_names_of
from pinekeep.model.naming import storage_policy
from pinekeep.model.policies.compare import differences, pair, parse
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.storage import storage_permissions, storage_trust
from pinekeep.operations.verification.checks.check import Subject, registry, with_storage_roles
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, unreadable
from pinekeep.operations.verification.checks.stack import PROTECTED, protection_of, state_of

CHECKS: Final = registry(applies=with_storage_roles)


@CHECKS.add(
    id="storage-stack-state",
    title="State of the stack of the audit bucket and the storage roles",
    wanted="a complete state",
    meaning="Bucket or roles may be missing or half made, so Pinecone may not be able to use the bucket.",
    sees_absence=True,
)
def _state(subject: Subject, storage_stack: Document | None) -> Verdict:
    return state_of(
        subject,
        naming.storage_stack(subject.name),
        storage_stack,
        make=subject.make(None),
        gone="No stack manages bucket and roles; where nothing was deployed yet, Pinecone has no bucket to use.",
    )


@CHECKS.add(
    id="storage-stack-protection",
    title="Termination protection of the storage stack",
    wanted=PROTECTED,
    meaning="The stack can be deleted by mistake; no stack would manage the bucket that Pinecone writes to.",
)
def _protection(subject: Subject, storage_stack: Document) -> Verdict:
    return protection_of(subject, naming.storage_stack(subject.name), storage_stack)


@CHECKS.add(
    id="storage-role",
    title="Role of Pinecone's S3 account",
    wanted="trust and permissions of the template, and nothing else",
    meaning="Pinecone cannot use the bucket, or somebody could do more than is meant.",
    sees_absence=True,
)
def _roles(subject: Subject, storage_roles: Mapping[str, LiveRole] | None) -> Iterator[Verdict]:
    names = storage_role_names_of(subject.name, subject.deployment)
    for setting, live in (storage_roles or {}).items():
        what = f"Role {names[setting]} ({setting})"
        if (closed := _closed(live)) is not None:
            yield unreadable(closed, what=what)
        elif live.role is None:
            fix = subject.make(subject.live.storage_stack)
            yield failed("there is no such role; Pinecone cannot use the bucket", fix=fix, what=what)
        else:
            problems = [*_trust(subject, setting, live), *_permissions(subject, setting, names[setting], live)]
            yield judged(problems, fix=subject.restore, what=what)


def _closed(live: LiveRole) -> Unreadable | None:
    documents = live.attached_documents
    values = [live.role, live.inline_policies, live.attached_policies, documents]
    values += list(documents.values()) if isinstance(documents, Mapping) else []
    return next((each for each in values if isinstance(each, Unreadable)), None)


def _trust(subject: Subject, setting: str, live: LiveRole) -> Iterator[str]:
    role: Any = live.role
    wanted = storage_trust(principal_arn=_settings(subject, setting)["principal_arn"])
    yield from _problems("trust policy", role["AssumeRolePolicyDocument"], wanted)


def _permissions(subject: Subject, setting: str, role: str, live: LiveRole) -> Iterator[str]:
    settings = _settings(subject, setting)
    wanted = storage_permissions(
        use=settings["use"],
        bucket=settings["bucket"],
        prefix=settings["prefix"],
        account=subject.account,
        region=subject.region,
        kms_key=settings["kms_key"],
    )
    own = policy_arn(account=subject.account, policy_name=storage_policy(role), path=subject.deployment.iam_path)
    documents: Any = live.attached_documents or {}
    if own not in documents:
        yield f"the policy {own} is not attached"
    else:
        yield from _problems("permissions", documents[own], wanted)
    yield from (f"the policy {each} is attached too" for each in documents if each != own)
    inline: Any = live.inline_policies or []
    yield from (f"it has the inline policy {each}" for each in inline)


def _problems(what: str, found: Any, wanted: Policy) -> Iterator[str]:
    pairing = pair(found=parse(found), wanted=parse(wanted))
    for want, have in pairing.pairs:
        if have is None:
            yield f"{what}: there is no {want}"
        else:
            yield from (f"{what}: {each}" for each in differences(have, want))
    yield from (f"{what}: {each} is there too" for each in pairing.others)


def _settings(subject: Subject, setting: str) -> dict[str, Any]:
    if setting == "audit_logs":
        logs = subject.audit_logs
        common = {"use": "audit", "bucket": logs.bucket_name, "kms_key": logs.bucket.kms_key}
        return {**common, "prefix": logs.prefix, "principal_arn": logs.principal_arn}
    return subject.deployment.storage_integrations[setting.partition(".")[2]].model_dump()
