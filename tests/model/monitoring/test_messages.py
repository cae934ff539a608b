"""The messages as they arrive, rendered by an engine that is not ours."""

import json
import re
from dataclasses import replace

import click
import pytest

from pinekeep.cli.root import root
from pinekeep.model.facts import aws
from pinekeep.model.monitoring.messages import command_of, slack, text
from pinekeep.model.monitoring.notices import NOTICES, Notice
from pinekeep.model.monitoring.rules import forwardings, rule_name, rules
from pinekeep.model.monitoring.watched import Watched, WatchedBucket, WatchedKey, WatchedNetwork
from tests.model.monitoring.engine import rendered
from tests.model.monitoring.events import (
    ACCOUNT,
    ALIAS,
    AUDIT_KEY,
    KEY,
    REGION,
    WATCHED,
    call,
    from_kms,
    on_key,
    refused,
    service_record,
)

BY_ID = {notice.id: notice for notice in NOTICES}
EVERY = pytest.mark.parametrize("notice", NOTICES, ids=BY_ID)


def as_text(notice: str, event: dict[str, object]) -> str:
    made = text(BY_ID[notice], WATCHED)
    return rendered(dict(made.paths), made.template, event)


def test_a_message_says_what_who_when_where_what_it_means_and_what_to_do() -> None:
    assert as_text("key-disabled", on_key("DisableKey")).splitlines() == [
        '"Pinekeep: The KMS key was disabled (search-prod)"',
        '"What: DisableKey at 2026-11-27T16:55:01Z, event aabbccdd-0d2c-4a73-8a7d-2f5c4b1e6d3c of CloudTrail in '
        f'{REGION}"',
        f'"Who: AssumedRole arn:aws:sts::{ACCOUNT}:assumed-role/Admin/jane, from 203.0.113.7"',
        f'"Where: deployment search-prod, account {ACCOUNT}, Region {REGION}"',
        "\"Meaning: Pinecone cannot read or write the project's data until the key is enabled again. Data keys in "
        'memory may work for a while."',
        '"Do: Unless this was intended, enable the key again:"',
        f'"aws kms enable-key --region {REGION} --key-id {KEY}"',
    ]


def test_an_attempt_says_why_it_was_refused() -> None:
    said = as_text("key-attempt", refused(on_key("ScheduleKeyDeletion"), "AccessDenied"))
    assert '"Refused with: AccessDenied"' in said
    assert "Meaning: Nothing has changed." in said


@pytest.mark.parametrize("event", [from_kms("KMS CMK Deletion"), service_record("DeleteKey")])
def test_an_event_without_a_caller_names_none(event: dict[str, object]) -> None:
    said = as_text("key-deleted", event)
    assert "Who:" not in said
    assert re.search(r'"What: [A-Za-z ]+ at 2026-11-27T16:5\d:\d\dZ"', said)


def test_a_caller_without_an_arn_leaves_the_line_readable() -> None:
    event = call("kms", "DisableKey", {"keyId": KEY}, userIdentity={"type": "AWSService"})
    assert '"Who: AWSService , from 203.0.113.7"' in as_text("key-disabled", event)


@EVERY
def test_each_line_of_a_template_is_a_string_of_json(notice: Notice) -> None:
    for line in text(notice, WATCHED).template.splitlines():
        assert isinstance(json.loads(line), str)


@EVERY
def test_nothing_is_left_open_in_a_message(notice: Notice) -> None:
    """Neither a variable without a path, nor a value that Pinekeep should have filled in."""
    event = from_kms("KMS CMK Rotation") if notice.from_service else refused(on_key("DisableKey"))
    for made in (text(notice, WATCHED), slack(notice, WATCHED)):
        assert made.paths, "each message says what happened"
        said = rendered(dict(made.paths), made.template, event)
        assert not re.search(r"[<>]|\{\w+\}", said.replace('{"', ""))
        assert all(re.fullmatch("[a-zA-Z0-9]+", name) for name in made.paths), "CloudFormation takes no other names"
        assert len(made.template) <= aws.INPUT_TEMPLATE_MAX


@EVERY
def test_a_slack_message_is_a_custom_notification(notice: Notice) -> None:
    """Amazon Q Developer in chat applications drops what is not of this form."""
    made = slack(notice, WATCHED)
    event = from_kms("KMS CMK Rotation") if notice.from_service else refused(on_key("DisableKey"))
    body = json.loads(rendered(dict(made.paths), made.template, event))
    assert (body["version"], body["source"]) == ("1.0", "custom")
    assert body["content"]["textType"] == "client-markdown"
    assert body["content"]["title"] == f"{notice.title} (search-prod)"
    assert notice.meaning in body["content"]["description"]
    assert f"account {ACCOUNT}" in body["content"]["description"]
    assert command_of(notice, WATCHED) in body["content"]["nextSteps"][0]


@EVERY
def test_a_message_holds_no_sign_with_a_meaning_in_templates(notice: Notice) -> None:
    for words in (notice.title, notice.meaning, notice.advice, command_of(notice, WATCHED)):
        assert not set('<>"\\') & set(words), words


def assert_parses(words: list[str]) -> None:
    """Fail for a command, or for options of it, that pinekeep does not have."""
    command, context = root, click.Context(root)
    while isinstance(command, click.Group):
        name, words = words[0], words[1:]
        found = command.get_command(context, name)
        assert found is not None, name
        command, context = found, click.Context(found, parent=context)
    options = {option: each for each in command.params if isinstance(each, click.Option) for option in each.opts}
    while words:
        option, *words = words
        assert option in options, option
        if not options[option].is_flag:
            words = words[1:]


@EVERY
def test_a_command_can_be_pasted(notice: Notice) -> None:
    command = command_of(notice, WATCHED)
    for each in command.split(" && "):
        program, *words = each.split()
        assert program in ("aws", "pinekeep"), each
        if program == "pinekeep":
            assert_parses(words)
    assert "{" not in command
    assert "search-prod" in command or REGION in command or "us-east-1" in command


def test_the_audit_key_is_named_in_its_command() -> None:
    assert command_of(BY_ID["audit-key-changed"], WATCHED).endswith(AUDIT_KEY)


# --- Quotas ---

LONGEST = Watched(
    deployment="a" * 40,
    account=ACCOUNT,
    region="ap-southeast-1",
    key=WatchedKey(
        arn=KEY.replace(REGION, "ap-southeast-1"),
        key_id=KEY.rpartition("/")[2],
        alias=f"alias/{'x' * 250}",
        alias_arn=f"arn:aws:kms:ap-southeast-1:{ACCOUNT}:alias/{'x' * 250}",
        multi_region=True,
        adopted=True,
    ),
    key_roles=["r" * 63 + str(number) for number in range(7)],
    storage_roles=["s" * 63 + str(number) for number in range(3)],
    network=WatchedNetwork(
        endpoint_ids=["vpce-0a1b2c3d4e5f60718"] * 2,
        security_group_ids=["sg-0a1b2c3d4e5f60718"] * 16,
        zone_ids=["Z0123456789ABCDEFGHIJ"] * 2,
        profile_id="rp-0123456789abcdef0",
    ),
    bucket=WatchedBucket(name="b" * 63, key_arn=AUDIT_KEY),
    topic_arns=[f"arn:aws:sns:ap-southeast-1:{ACCOUNT}:{'t' * 100}"] * 2,
    topic_key_arn=AUDIT_KEY,
    denied_use=True,
)


def test_the_longest_names_stay_within_the_quotas() -> None:
    made = [(rule.id, rule.pattern) for rule in rules(LONGEST)]
    made += [(each.id, each.pattern) for each in forwardings(LONGEST)]
    assert {
        id_: len(json.dumps(pattern)) for id_, pattern in made if len(json.dumps(pattern)) > aws.EVENT_PATTERN_MAX
    } == {}
    names = [rule_name(LONGEST.deployment, id_) for id_, _ in made]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= aws.RULE_NAME_MAX
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names)


def test_every_role_is_in_a_rule_of_attempts() -> None:
    attempts = json.dumps([rule.pattern for rule in rules(LONGEST) if rule.notice.id == "role-attempt"])
    forwarded = json.dumps([each.pattern for each in forwardings(LONGEST)])
    for role in (*LONGEST.key_roles, *LONGEST.storage_roles):
        assert f'"{role}"' in attempts
        assert f'"{role}"' in forwarded


def test_long_names_of_deployments_give_rules_of_their_own() -> None:
    one, other = rule_name("a" * 39 + "b", "x"), rule_name("a" * 40, "x")
    assert one != other
    assert not one.startswith(other.rpartition(".")[0])


def test_seven_deployments_with_all_of_it_fit_on_the_bus_of_an_account_and_region() -> None:
    made = rules(WATCHED)
    assert len(made) * 7 <= aws.RULES_MAX
    assert sum('"wildcard"' in json.dumps(rule.pattern) for rule in made) * 7 <= aws.WILDCARD_RULES_MAX


# --- What is not there is not watched ---


def ids(**changes: object) -> set[str]:
    return {rule.id for rule in rules(replace(WATCHED, **changes))}  # pyrefly: ignore[bad-argument-type]


def test_without_a_key_of_its_own_a_deployment_has_no_rule_about_one() -> None:
    assert not any(id_.startswith("key-") for id_ in ids(key=None))


def test_a_key_that_was_made_for_pinecone_has_no_imported_material() -> None:
    key = WatchedKey(arn=KEY, key_id=KEY.rpartition("/")[2], alias=ALIAS)
    assert ids() - ids(key=key) == {"key-material-changed", "key-material-expired", "key-replicated"}


def test_without_endpoint_bucket_and_topic_there_are_no_rules_about_them() -> None:
    left = ids(network=None, bucket=None, storage_roles=[], topic_arns=[])
    gone = ids() - left
    assert {id_.split("-")[0] for id_ in gone} == {
        "endpoint",
        "security",
        "dns",
        "network",
        "audit",
        "storage",
        "topic",
    }


def test_denied_use_is_watched_on_request() -> None:
    assert ids() - ids(denied_use=False) == {"key-use-denied"}
