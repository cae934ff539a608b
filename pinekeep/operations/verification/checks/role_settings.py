"""Settings of the role that decide nothing about the key: each is noted, with what it means.

Source: "CreateRole" and "GetRole" of the IAM API reference (docs.aws.amazon.com, checked 2026-11-29): a session lasts
from 15 minutes to MaxSessionDuration, which is from one hour (the default) to 12.
"""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.live import Document
from pinekeep.model import naming
from pinekeep.model.facts import aws
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict, noted, passed

CHECKS: Final = registry()


@CHECKS.add(
    id="role-settings",
    title="Settings of the role",
    wanted="session length, description and tags as in the template",
    meaning="It is noted: none of it keeps Pinecone out, or lets others in.",
    reads=("role",),
    applies=with_cmek,
    of_each_role=True,
)
def _settings(subject: Subject, role: Document) -> Iterator[Verdict]:
    verdicts = [*_session(subject, role), *_description(subject, role), *_tags(subject, role)]
    yield from verdicts or [passed()]


def _session(subject: Subject, role: Document) -> Iterator[Verdict]:
    found, default = role.get("MaxSessionDuration"), aws.SESSION_SECONDS_DEFAULT
    if found in (None, default):
        return
    longer = int(found) > default
    yield noted(
        f"a session lasts up to {_minutes(found)}",
        wanted=f"a session lasts up to {_minutes(default)}",
        what=f"Session length of role {subject.role.name}",
        fix=f"aws iam update-role --role-name {subject.role.name} --max-session-duration {default}",
        meaning="Pinecone works on; whoever holds a session's credentials holds them longer, also after the trust "
        "policy lets nobody in any more. `pinekeep revoke` cuts open sessions off all the same."
        if longer
        else "Pinecone works on as long as it asks for no longer session than the role allows.",
    )


def _minutes(seconds: int) -> str:
    return f"{seconds // 60:,} minutes"


def _description(subject: Subject, role: Document) -> Iterator[Verdict]:
    found, wanted = str(role.get("Description") or ""), naming.role_description(subject.name)
    if found == wanted:
        return
    yield noted(
        f"the description is {found!r}" if found else "there is no description",
        wanted=wanted,
        what=f"Description of role {subject.role.name}",
        fix=f"aws iam update-role --role-name {subject.role.name} --description '{wanted}'",
        meaning="It decides nothing; it tells people why the role must stay.",
    )


def _tags(subject: Subject, role: Document) -> Iterator[Verdict]:
    yield from tags(
        subject,
        {str(each["Key"]): str(each["Value"]) for each in role.get("Tags") or []},
        what=f"Tags of role {subject.role.name}",
        command=f"aws iam tag-role --role-name {subject.role.name} --tags",
    )


def tags(subject: Subject, found: dict[str, str], *, what: str, command: str) -> Iterator[Verdict]:
    """Yield what differs between the tags of the template and those found; further ones are their owners'.

    Args:
        subject: the deployment.
        found: the tags that there are.
        what: what they are on.
        command: what sets them, to be followed by the tags.
    """
    wanted = {**subject.deployment.tags, naming.DEPLOYMENT_TAG: subject.name}
    different = {key: value for key, value in wanted.items() if found.get(key) != value}
    if not different:
        return
    told = [f"{key} is {found[key]}" if key in found else f"{key} is missing" for key in different]
    yield noted(
        "; ".join(told),
        wanted=", ".join(f"{key}={value}" for key, value in wanted.items()),
        what=what,
        fix=f"{command} {' '.join(_quoted(key, value) for key, value in different.items())}",
        meaning="Pinecone works on; its tags tell whose it is, and policies of your organization may go by them.",
    )


def _quoted(key: str, value: str) -> str:
    return f"'Key={key},Value={value}'"
