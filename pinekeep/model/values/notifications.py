"""Topics, subscribers, log groups, and the bounds of alarms."""

import ipaddress
import re
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from pinekeep.model.facts import aws, pinecone
from pinekeep.model.values import Check, Items, limit, matching, refuse
from pinekeep.model.values.numbers import between
from pinekeep.model.words import shown

_EMAIL_MAX: Final = 320
_URL_MAX: Final = 2048
_EMAIL: Final = r"[^@\s,;<>\"]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_HOST: Final = r"(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
_LOCAL: Final = ("localhost", "local", "internal", "localdomain", "home.arpa")
_LOG_GROUP: Final = (
    rf"(?:arn:{aws.PARTITION}:logs:([a-z0-9-]+):([0-9]{{12}}):log-group:)?({aws.LOG_GROUP_NAME_PATTERN})(?::\*)?"
)
_MINUTES_STEP: Final = 5
_MINUTES_MAX: Final = 1440
_WILDCARD_NAME: Final = "[A-Za-z0-9+=,.@_*?-]*[A-Za-z0-9+=,.@_-][A-Za-z0-9+=,.@_*?-]*"


def _email(value: str) -> str:
    if not re.fullmatch(_EMAIL, value) or len(value) > _EMAIL_MAX or not value.isprintable():
        hint = "write one address an item, without a name: jane@example.com"
        refuse("notified-email", f"this is not an e-mail address: {shown(value)}", hint)
    return value


def _https(value: str) -> str:
    example = "for example https://alerts.example.com/pinekeep"
    limit(value, "notified-url-length", "an address", "shorten it", most=_URL_MAX)
    parts = _split(value)
    if parts is None or parts.scheme != "https" or not parts.hostname or not re.fullmatch(r"[!-~]+", value):
        message = f"an HTTPS address begins with https:// and a host name, got {shown(_masked(value))}"
        refuse("notified-url", message, example)
    if "@" in parts.netloc:
        message = f"an address has no user name and no password in it, got {shown(_masked(value))}"
        refuse("notified-url-credentials", message, "remove them; messages of SNS are signed, check the signature")
    if parts.fragment:
        message = f"an address has no fragment, and this one has #{shown(parts.fragment)}"
        refuse("notified-url-fragment", message, "remove # and what follows it")
    if not _is_public(parts.hostname):
        message = f"SNS delivers over the internet and cannot reach {shown(parts.hostname)}"
        refuse("notified-url-host", message, f"write a public host name, {example}")
    return value


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _masked(value: str) -> str:
    """Return an address without the credentials that it may have."""
    return re.sub(r"//[^/@]*@", "//…@", value)


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        name = host.lower().rstrip(".")
        is_local = any(name == each or name.endswith(f".{each}") for each in _LOCAL)
        return re.fullmatch(_HOST, name) is not None and not is_local


def _topic(value: str) -> str:
    form = f"arn:{aws.PARTITION}:sns:REGION:ACCOUNT:NAME"
    if value.endswith(".fifo"):
        message = f"EventBridge does not deliver to FIFO topics, got {shown(value)}"
        refuse("topic-fifo", message, "name a standard topic")
    if not re.fullmatch(rf"arn:{aws.PARTITION}:sns:[a-z0-9-]+:[0-9]{{12}}:{aws.TOPIC_NAME_PATTERN}", value):
        message = f"a topic's ARN has the form {form}, got {shown(value)}"
        refuse("topic-arn", message, "`aws sns list-topics` prints the ARNs of the topics")
    return value


def _slack_hint(_: str) -> str:
    return "in Slack's web client the address of a channel is https://app.slack.com/client/WORKSPACE-ID/CHANNEL-ID"


def _fence_hint(value: str) -> str:
    if ":assumed-role/" in value:
        return "that is a session; name its role: role/NAME"
    if "*" in value or "?" in value:
        return "wildcards are allowed in the name alone, beside other characters: role/ops-*"
    return "`aws iam get-role --role-name NAME` prints a role's ARN"


TopicArn = Annotated[
    str,
    Check(
        _topic,
        allowed="the ARN of a standard topic in the deployment's account and Region",
        pattern=rf"^arn:{aws.PARTITION}:sns:[a-z0-9-]+:[0-9]{{12}}:{aws.TOPIC_NAME_PATTERN}$",
    ),
]
NotifiedEmail = Annotated[str, Check(_email, allowed="e-mail addresses", pattern=f"^{_EMAIL}$", maxLength=_EMAIL_MAX)]
NotifiedEmails = Annotated[list[NotifiedEmail], Items("notified-emails", "address")]
NotifiedUrl = Annotated[
    str,
    Check(
        _https,
        allowed="`https://` addresses with a public host, without credentials",
        pattern=r"^[Hh][Tt][Tt][Pp][Ss]://[^@#\s/]+(?:/[^#\s]*)?$",
        maxLength=_URL_MAX,
    ),
]
NotifiedUrls = Annotated[list[NotifiedUrl], Items("notified-urls", "address")]
SlackWorkspaceId = Annotated[
    str,
    matching(
        "slack-workspace",
        "T[A-Z0-9]{5,254}",
        "the ID of a Slack workspace is T and upper-case letters and digits",
        _slack_hint,
        allowed="`T`, upper-case letters, digits",
    ),
]
SlackChannelId = Annotated[
    str,
    matching(
        "slack-channel",
        "[CG][A-Z0-9]{5,254}",
        "the ID of a Slack channel is C or G and upper-case letters and digits, not its name",
        _slack_hint,
        allowed="`C` or `G`, upper-case letters, digits",
    ),
]
TrailLogGroup = Annotated[
    str,
    matching(
        "log-group",
        _LOG_GROUP,
        "a log group is given by its name or its ARN",
        "`aws cloudtrail describe-trails` prints the log group of each trail as CloudWatchLogsLogGroupArn",
        allowed="the name or the ARN of a log group in the deployment's account and Region",
    ),
]
FenceAdministrator = Annotated[
    str,
    matching(
        "fence-administrator",
        rf"arn:{aws.PARTITION}:iam::[0-9]{{12}}:(?:role|user)/(?:[A-Za-z0-9+=,.@_-]+/)*{_WILDCARD_NAME}",
        f"an administrator is an IAM role or user, with wildcards in the name alone: arn:{aws.PARTITION}:iam::ACCOUNT:"
        "role/NAME",
        _fence_hint,
        allowed="ARNs of roles or users of the deployment's account, `*` and `?` in the name alone",
    ),
]
FenceAdministrators = Annotated[list[FenceAdministrator], Items("fence-administrators", "administrator")]
WaitingDays = Annotated[
    int,
    between(
        "waiting-days",
        aws.DELETION_WINDOW_DAYS_MIN,
        aws.DELETION_WINDOW_DAYS_MAX,
        unit="days",
        example=aws.DELETION_WINDOW_DAYS_MAX,
    ),
]
EndpointQuietMinutes = Annotated[
    int,
    between("endpoint-quiet", _MINUTES_STEP, _MINUTES_MAX, unit="minutes", example=60, step=_MINUTES_STEP),
]
AuditQuietMinutes = Annotated[
    int,
    between(
        "audit-quiet",
        pinecone.AUDIT_INTERVAL_MINUTES + 2 * _MINUTES_STEP,
        _MINUTES_MAX,
        unit="minutes",
        example=60,
        step=_MINUTES_STEP,
    ),
]


def log_group_parts(value: str) -> tuple[str | None, str | None, str]:
    """Return the Region and the account of a log group's ARN, and its name; of a name alone, the name."""
    match = re.fullmatch(_LOG_GROUP, value)
    if match is None:
        raise ValueError(f"{shown(value)} is neither the name nor the ARN of a log group")
    return match[1], match[2], match[3]
