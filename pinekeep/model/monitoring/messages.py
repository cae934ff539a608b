"""The text of a message, as an input transformer of EventBridge: paths into the event, and a template.

A template of text is a list of lines in quotation marks, which arrive with them. A path that an event lacks gives
nothing, so no line depends on one alone. Source: facts.aws.INPUT_TRANSFORMER_PAGE.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pinekeep.model.monitoring.notices import Notice
from pinekeep.model.monitoring.watched import Watched

_PATHS: Final = {
    "call": "$.detail.eventName",
    "at": "$.detail.eventTime",
    "id": "$.detail.eventID",
    "where": "$.detail.awsRegion",
    "kind": "$.detail.userIdentity.type",
    "who": "$.detail.userIdentity.arn",
    "address": "$.detail.sourceIPAddress",
    "error": "$.detail.errorCode",
    "event": "$.detail-type",
    "time": "$.time",
    "region": "$.region",
    "mark": "$.detail.mark",
}
"""The variables of the templates, and where an event has their values."""

_CALLED: Final = ("What: <call> at <at>, event <id> of CloudTrail in <where>", "Who: <kind> <who>, from <address>")
_SENT: Final = ("What: <event> at <time>",)
_MARKED: Final = ("What: <event> at <time> in <region>", "Mark: <mark>")


@dataclass(frozen=True, kw_only=True)
class Transformer:
    """An input transformer: the paths of its variables, and its template."""

    paths: Mapping[str, str]
    template: str


def command_of(notice: Notice, watched: Watched) -> str:
    """Return the command of a message, with its values."""
    return notice.command.format(
        deployment=watched.deployment,
        region=watched.region,
        key=watched.key.arn if watched.key else "",
        audit_key=(watched.bucket and watched.bucket.key_arn) or "",
    )


def text(notice: Notice, watched: Watched) -> Transformer:
    """Return the message as text, for e-mail and HTTPS."""
    lines = [
        f"Pinekeep: {notice.title} ({watched.deployment})",
        *_event_lines(notice),
        f"Where: deployment {watched.deployment}, account {watched.account}, Region {watched.region}",
        f"Meaning: {notice.meaning}",
        f"Do: {notice.advice}",
        command_of(notice, watched),
    ]
    return _transformer("\n".join(json.dumps(line) for line in lines))


def slack(notice: Notice, watched: Watched) -> Transformer:
    """Return the message as a custom notification of Amazon Q Developer in chat applications.

    It shows no other JSON, and no text. Source: facts.aws.CUSTOM_NOTIFICATIONS_PAGE.
    """
    description = "\n".join(
        [
            *_event_lines(notice),
            f"Where: deployment {watched.deployment}, account {watched.account}, Region {watched.region}",
            f"*Meaning:* {notice.meaning}",
        ]
    )
    content = {
        "textType": "client-markdown",
        "title": f"{notice.title} ({watched.deployment})",
        "description": description,
        "nextSteps": [f"{notice.advice} `{command_of(notice, watched)}`"],
    }
    metadata = {"threadId": f"pinekeep-{watched.deployment}", "summary": notice.title}
    body = {"version": "1.0", "source": "custom", "content": content, "metadata": metadata}
    return _transformer(json.dumps(body))


def _event_lines(notice: Notice) -> list[str]:
    if notice.marked:
        return [*_MARKED]
    if notice.from_service:
        return [*_SENT]
    return [*_CALLED, "Refused with: <error>"] if notice.attempt else [*_CALLED]


def _transformer(template: str) -> Transformer:
    used = dict.fromkeys(re.findall(r"<(\w+)>", template))
    return Transformer(paths={name: _PATHS[name] for name in used}, template=template)
