"""Rules about monitoring."""

from collections.abc import Iterator

from pinekeep.model.arns import KeyArn
from pinekeep.model.config.partial import UNKNOWN, known, known_items
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.storage import not_a_key_of_pinecone
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.values.notifications import log_group_parts
from pinekeep.model.words import plain


def topic_is_of_the_deployment(here: Subject) -> Iterator[Problem]:
    """EventBridge delivers to topics of its own Region, and the policy of the topic is for one account."""
    topic = here.monitoring.topic
    if topic is None:
        return
    _arn, _partition, _service, region, account, _name = known(topic).split(":")
    yield from _elsewhere(here, "topic", "topic", region, account)


def trail_log_group_is_of_the_deployment(here: Subject) -> Iterator[Problem]:
    """A metric filter is on a log group of its own account and Region."""
    group = here.monitoring.trail_log_group
    if group is None:
        return
    region, account, _name = log_group_parts(known(group))
    if region is not None and account is not None:
        yield from _elsewhere(here, "log group", "trail_log_group", region, account)


def _elsewhere(here: Subject, what: str, setting: str, region: str, account: str) -> Iterator[Problem]:
    code = what.replace(" ", "-")
    for kind, owner, own in (
        ("account", account, known(here.deployment.account)),
        ("Region", region, known(here.deployment.region)),
    ):
        if owner != own:
            message = f"the {what} is in {kind} {owner}, the deployment in {own}"
            hint = f"name a {what} of the deployment's {kind}"
            if setting == "trail_log_group":
                hint = "name the log group of a trail that writes there, or write denied_use: none"
            yield here.problem(f"{code}-{kind.lower()}", message, hint, "monitoring", setting)


def topic_key_has_a_topic(here: Subject) -> Iterator[Problem]:
    """An existing topic keeps its own encryption."""
    if here.monitoring.topic is not None and here.monitoring.kms_key is not None:
        message = "an existing topic is not created here, so kms_key has no effect"
        yield here.problem("topic-with-key", message, "remove kms_key, or remove topic", "monitoring", "kms_key")


def topic_key_is_of_the_deployment(here: Subject) -> Iterator[Problem]:
    """The key of the new topic is in its account and Region."""
    key = here.monitoring.kms_key
    arn = KeyArn.parse(known(key)) if key is not None else None
    if arn is None:
        return
    for kind, owner, own in (
        ("account", arn.account, known(here.deployment.account)),
        ("Region", arn.region, known(here.deployment.region)),
    ):
        if owner != own:
            message = f"the key is in {kind} {owner}, the topic in {own}"
            hint = f"name a key of the deployment's {kind}"
            yield here.problem(f"topic-key-{kind.lower()}", message, hint, "monitoring", "kms_key")


def topic_key_is_not_pinecones(here: Subject) -> Iterator[Problem]:
    """The topic speaks also when the key that Pinecone uses is disabled."""
    why = "its alarm could not be sent while it is disabled"
    yield from not_a_key_of_pinecone(here, here.monitoring.kms_key, ("monitoring", "kms_key"), why)


def denied_use_has_a_source(here: Subject) -> Iterator[Problem]:
    """A metric filter needs the log group of a trail, and the log group is of use to it alone."""
    use, group = here.monitoring.denied_use, here.monitoring.trail_log_group
    if use == "metric-filter" and group is None:
        message = "a metric filter needs the log group that a CloudTrail trail writes to"
        hint = "write trail_log_group: NAME; `aws cloudtrail describe-trails` prints it"
        yield here.problem("denied-use-without-log-group", message, hint, "monitoring", "denied_use")
    elif use != "metric-filter" and group is not None:
        message = f"trail_log_group is read by denied_use: metric-filter, and denied_use is {use}"
        hint = "write denied_use: metric-filter, or remove trail_log_group"
        yield here.problem("log-group-without-denied-use", message, hint, "monitoring", "trail_log_group")


def denied_use_has_a_key(here: Subject) -> Iterator[Problem]:
    """What is denied is the use of the deployment's key."""
    if here.monitoring.denied_use != "none" and here.deployment.cmek is None:
        message = "there is no key whose use could be denied: the deployment has no cmek"
        yield here.problem("denied-use-without-key", message, "remove denied_use", "monitoring", "denied_use")


def fence_has_a_key(here: Subject) -> Iterator[Problem]:
    """The fence protects the key and the role."""
    if here.monitoring.fence is not None and here.deployment.cmek is None:
        message = "there is no key and no role for the fence to protect: the deployment has no cmek"
        yield here.problem("fence-without-key", message, "remove fence", "monitoring", "fence")


def fence_administrators_are_of_the_account(here: Subject) -> Iterator[Problem]:
    """The administrators that the fence lets through are of the account, and not everybody."""
    if here.monitoring.fence is None:
        return
    for index, arn in known_items(here.monitoring.fence.administrators):
        owner = arn.split(":")[4]
        if owner != known(here.deployment.account):
            message = f"{plain(arn)} is in account {owner}, the key in {here.deployment.account}"
            hint = "name a role of the deployment's account"
            place = ("monitoring", "fence", "administrators", index)
            yield here.problem("fence-administrator-account", message, hint, *place)


def somebody_is_notified(here: Subject) -> Iterator[Problem]:
    """Monitoring that notifies nobody deserves a warning."""
    monitoring = here.monitoring
    if any(each is UNKNOWN for each in (monitoring.topic, monitoring.emails, monitoring.https, monitoring.slack)):
        return
    if not (monitoring.topic or monitoring.emails or monitoring.https or monitoring.slack):
        message = "nobody is notified: there are no emails, no https, no slack and no topic"
        hint = "write emails: [ops@example.com], or subscribe to the topic MonitoringTopicArn yourself"
        yield here.problem("monitoring-unheard", message, hint, "monitoring", warn=True)
