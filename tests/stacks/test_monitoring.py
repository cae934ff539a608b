"""The stacks of the monitoring: what they contain, what they refer to, and that they bind no other stack."""

import json
from pathlib import Path
from typing import Any

import pytest

from pinekeep.model.config import Deployment
from pinekeep.model.facts import aws
from pinekeep.model.monitoring.notices import NOTICES
from pinekeep.model.monitoring.rules import forwardings, rule_name, rules
from pinekeep.model.monitoring.watched import Watched
from tests.model.monitoring.engine import matches
from tests.model.monitoring.events import on_key
from tests.stacks.support import (
    ACCOUNT,
    Made,
    cmek,
    deployment,
    make,
    private_link,
    scratch,
)

NAME = "search"
ADOPTED = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ELSEWHERE = "eu-west-1"
SETTINGS: dict[str, Any] = {
    "emails": ["oncall@example.com", "security@example.com"],
    "https": ["https://alerts.example.com/pinecone"],
    "slack": {"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD"},
    "denied_use": "all-management-events",
}
EMAILS = {1: ["a@example.com", "b@example.com"], 2: ["b@example.com", "c@example.com"]}
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:x"


def everything() -> dict[str, Deployment]:
    return {
        NAME: deployment(
            region=ELSEWHERE,
            permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
            iam_path="/pinecone/",
            cmek=cmek(key={"multi_region": True}),
            private_link=private_link(dns="hosted-zone", standby=2),
            audit_logs={"bucket": {"adopt": "search-audit"}},
            monitoring=SETTINGS,
        ),
        "small": deployment(cmek=cmek(key={"adopt": ADOPTED}), monitoring={"topic": TOPIC}),
        **{
            f"generation-{number}": deployment(
                private_link=private_link(generation=number), monitoring={"emails": emails}
            )
            for number, emails in EMAILS.items()
        },
    }


@pytest.fixture(scope="module")
def folder() -> Path:
    return scratch()


@pytest.fixture(scope="module")
def templates(folder: Path) -> dict[str, Made]:
    return make(everything(), folder=folder)


@pytest.fixture(scope="module")
def full(templates: dict[str, Made]) -> Made:
    return templates[f"Pinekeep-{NAME}-Monitoring"]


@pytest.fixture(scope="module")
def small(templates: dict[str, Made]) -> Made:
    return templates["Pinekeep-small-Monitoring"]


@pytest.fixture(scope="module")
def elsewhere(templates: dict[str, Made]) -> Made:
    return templates[f"Pinekeep-{NAME}-MonitoringGlobal"]


OUTPUTS = {
    "Pinekeep-search-Cmek.KeyArn": f"arn:aws:kms:{ELSEWHERE}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "Pinekeep-search-PrivateLink.VpcEndpointId": "vpce-0a1b2c3d4e5f60718",
    "Pinekeep-search-PrivateLink.StandbyVpcEndpointId": "vpce-0a1b2c3d4e5f60719",
    "Pinekeep-search-PrivateLink.SecurityGroupId": "sg-0a1b2c3d4e5f60718",
    "Pinekeep-search-PrivateLink.HostedZoneId": "Z0123456789ABCDEFGHIJ",
}
"""What CloudFormation would find in the outputs of the other stacks."""


def resolved(value: Any) -> Any:
    """Return a value of a template as CloudFormation would resolve it; own resources are their logical IDs."""
    match value:
        case {"Fn::GetStackOutput": {"StackName": stack, "OutputName": output}}:
            return OUTPUTS[f"{stack}.{output}"]
        case {"Fn::Select": [index, {"Fn::Split": [mark, text]}]}:
            return resolved(text).split(mark)[int(index)]
        case {"Fn::Join": [mark, parts]}:
            return mark.join(map(resolved, parts))
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return name
        case dict():
            return {key: resolved(each) for key, each in value.items()}
        case list():
            return [resolved(each) for each in value]
        case _:
            return value


def rules_of(made: Made) -> dict[str, dict[str, Any]]:
    found = made.of_type("AWS::Events::Rule").values()
    return {rule["Properties"]["Name"]: rule["Properties"] for rule in found}


# --- Rules ---


def test_each_rule_has_the_pattern_of_the_model_once_its_references_are_resolved(full: Made) -> None:
    found = rules_of(full)
    disabled = resolved(found[f"pinekeep.{NAME}.key-disabled"]["EventPattern"])
    key = OUTPUTS["Pinekeep-search-Cmek.KeyArn"]
    assert matches(disabled, on_key("DisableKey", key.rpartition("/")[2], key))
    assert matches(disabled, on_key("DisableKey", "alias/pinecone/search", key))
    assert not matches(disabled, on_key("DisableKey", "x", key.replace("1234abcd", "0000abcd")))
    deleted = resolved(found[f"pinekeep.{NAME}.endpoint-deleted"]["EventPattern"])
    assert json.dumps(deleted).count("vpce-0a1b2c3d4e5f6071") == 2


def test_patterns_and_templates_stay_within_the_quotas(full: Made, elsewhere: Made) -> None:
    for made in (full, elsewhere):
        for name, rule in rules_of(made).items():
            assert len(json.dumps(resolved(rule["EventPattern"]))) <= aws.EVENT_PATTERN_MAX, name
            assert len(name) <= aws.RULE_NAME_MAX
            for target in rule["Targets"]:
                template = resolved(target.get("InputTransformer", {}).get("InputTemplate", ""))
                assert len(template) <= aws.INPUT_TEMPLATE_MAX, name


def test_each_rule_sends_a_text_to_the_topic_and_a_notification_to_slack(full: Made) -> None:
    (topic,) = (name for name in full.of_type("AWS::SNS::Topic") if not name.startswith("Slack"))
    (slack,) = (name for name in full.of_type("AWS::SNS::Topic") if name.startswith("Slack"))
    ids = {rule_name(NAME, notice.id) for notice in NOTICES}
    sent = {name: rule for name, rule in rules_of(full).items() if name in ids}
    assert len(sent) > 25
    for rule in sent.values():
        text, chat = rule["Targets"]
        assert (text["Arn"], chat["Arn"]) == ({"Ref": topic}, {"Ref": slack})
        assert resolved(text["InputTransformer"]["InputTemplate"]).startswith('"Pinekeep: ')
        assert json.loads(resolved(chat["InputTransformer"]["InputTemplate"]))["source"] == "custom"
        assert {"RoleArn"} & text.keys() == set(), "for topics, EventBridge relies on their policies"


def test_denied_use_alone_receives_all_management_events(full: Made, small: Made) -> None:
    state = {name: rule["State"] for made in (full, small) for name, rule in rules_of(made).items()}
    (special,) = (name for name, each in state.items() if each != "ENABLED")
    assert special == f"pinekeep.{NAME}.key-use-denied"
    assert state[special] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def test_an_adopted_key_is_written_out(small: Made) -> None:
    assert "Fn::GetStackOutput" not in json.dumps(small.template)
    (disabled,) = (rule for name, rule in rules_of(small).items() if name.endswith(".key-disabled"))
    assert matches(disabled["EventPattern"], on_key("DisableKey", key=ADOPTED))
    assert "pinekeep.small.key-material-expired" in rules_of(small)


def generation(templates: dict[str, Made], number: int) -> Made:
    """Return the template of the deployment with an endpoint of this generation, under the same name as the others."""
    text = json.dumps(templates[f"Pinekeep-generation-{number}-Monitoring"].template)
    return Made(json.loads(text.replace(f"generation-{number}", "generation")))


def test_a_replaced_endpoint_changes_the_rules_about_it_and_no_other_one(templates: dict[str, Made]) -> None:
    before, after = (rules_of(generation(templates, number)) for number in EMAILS)
    assert {name.rpartition(".")[2] for name in before if before[name] != after[name]} == {
        "endpoint-deleted",
        "endpoint-changed",
        "security-group-changed",
        "network-attempt",
    }


# --- Topic, key, queue, Slack ---


def test_the_topic_is_encrypted_with_a_key_that_is_not_pinecones(full: Made) -> None:
    (key,) = full.of_type("AWS::KMS::Key")
    for topic in full.of_type("AWS::SNS::Topic").values():
        assert topic["Properties"]["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert full.only("AWS::KMS::Key")["EnableKeyRotation"] is True


def test_eventbridge_may_use_topic_and_key_without_a_condition(full: Made) -> None:
    """With one, it could not publish, and nobody would be told."""
    policies = [each["Properties"]["PolicyDocument"] for each in full.of_type("AWS::SNS::TopicPolicy").values()]
    for policy in [*policies, full.only("AWS::KMS::Key")["KeyPolicy"]]:
        allowed = [each for each in policy["Statement"] if "events.amazonaws.com" in str(each["Principal"])]
        assert len(allowed) == 1
        assert "Condition" not in allowed[0]


def test_nobody_else_publishes_and_nobody_without_tls(full: Made) -> None:
    for each in full.of_type("AWS::SNS::TopicPolicy").values():
        rules_, alarms, tls = each["Properties"]["PolicyDocument"]["Statement"]
        assert (rules_["Action"], alarms["Action"]) == ("sns:Publish", "sns:Publish")
        assert alarms["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
        assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_what_cannot_be_delivered_goes_to_a_queue_that_needs_no_key_of_ours(full: Made, elsewhere: Made) -> None:
    for made in (full, elsewhere):
        queue = made.only("AWS::SQS::Queue")
        assert queue["SqsManagedSseEnabled"] is True
        assert "KmsMasterKeyId" not in queue
        (name,) = made.of_type("AWS::SQS::Queue")
        for rule in rules_of(made).values():
            for target in rule["Targets"]:
                if "Arn" in target.get("DeadLetterConfig", {}):
                    assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": [name, "Arn"]}
                else:
                    assert not rule["Name"].startswith(f"pinekeep.{NAME}.")


def test_recipients_keep_their_subscription_when_others_change(templates: dict[str, Made]) -> None:
    before, after = (generation(templates, number).of_type("AWS::SNS::Subscription") for number in EMAILS)
    assert [each["Properties"]["Endpoint"] for each in after.values()] == EMAILS[2]
    (kept,) = before.keys() & after.keys()
    assert before[kept] == after[kept]
    assert before[kept]["Properties"]["Endpoint"] == "b@example.com"


def test_slack_can_do_nothing_but_be_notified(full: Made) -> None:
    channel = full.only("AWS::Chatbot::SlackChannelConfiguration")
    assert channel["GuardrailPolicies"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]
    assert channel["SlackWorkspaceId"] == "T0123ABCD"
    (role,) = (each["Properties"] for each in full.of_type("AWS::IAM::Role").values())
    assert "Policies" not in role
    assert "ManagedPolicyArns" not in role
    assert role["PermissionsBoundary"] == f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    assert role["Path"] == "/pinecone/"


def test_an_existing_topic_is_used_and_not_changed(small: Made) -> None:
    for kind in ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::KMS::Key"):
        assert small.of_type(kind) == {}
    topics = {
        target["Arn"]
        for rule in rules_of(small).values()
        for target in rule["Targets"]
        if isinstance(target["Arn"], str)
    }
    assert topics == {f"arn:aws:sns:us-east-1:{ACCOUNT}:x"}


# --- us-east-1 ---


def test_global_events_are_forwarded_to_the_bus_of_the_deployments_region(elsewhere: Made) -> None:
    bus = f"arn:aws:events:{ELSEWHERE}:{ACCOUNT}:event-bus/default"
    (role,) = elsewhere.of_type("AWS::IAM::Role")
    for rule in rules_of(elsewhere).values():
        (target,) = rule["Targets"]
        assert (target["Arn"], target["RoleArn"]) == (bus, {"Fn::GetAtt": [role, "Arn"]})
        assert "InputTransformer" not in target, "the receiving rules match the event as it is"
    (allowed,) = elsewhere.only("AWS::IAM::ManagedPolicy")["PolicyDocument"]["Statement"]
    assert (allowed["Action"], allowed["Resource"]) == ("events:PutEvents", bus)


def test_the_forwarding_role_is_for_these_rules_alone(elsewhere: Made) -> None:
    role = elsewhere.only("AWS::IAM::Role")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/pinekeep.{NAME}.*"},
    }
    assert role["PermissionsBoundary"] == f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    assert role["Path"] == "/pinecone/"


def test_in_us_east_1_nothing_is_forwarded(templates: dict[str, Made]) -> None:
    assert "Pinekeep-small-MonitoringGlobal" not in templates
    assert forwardings(Watched(deployment="small", account=ACCOUNT, region="us-east-1", key_roles=["x"])) == []


def test_a_zone_of_the_other_region_is_found_there(elsewhere: Made) -> None:
    (dns,) = (rule for name, rule in rules_of(elsewhere).items() if name.endswith("forward-dns"))
    assert '"Region": "eu-west-1"' in json.dumps(dns["EventPattern"])


# --- Other stacks ---


def test_no_other_stack_exports_anything_for_the_monitoring(templates: dict[str, Made]) -> None:
    for made in templates.values():
        text = json.dumps(made.template)
        assert "Fn::ImportValue" not in text
        assert '"Export"' not in text


def test_with_monitoring_the_stacks_of_key_and_endpoint_are_the_same(templates: dict[str, Made]) -> None:
    without = everything()[NAME].model_copy(update={"monitoring": None, "audit_logs": None})
    for name, made in make({NAME: without}).items():
        assert templates[name].template == made.template, name


@pytest.mark.usefixtures("templates")
def test_the_stack_of_the_rules_is_deployed_after_those_that_it_refers_to(folder: Path) -> None:
    made = json.loads((folder / "manifest.json").read_text())["artifacts"]
    for stack in ("Monitoring", "MonitoringGlobal"):
        needed = set(made[f"Pinekeep-{NAME}-{stack}"]["dependencies"])
        assert {f"Pinekeep-{NAME}-Cmek", f"Pinekeep-{NAME}-PrivateLink"} <= needed
    for stack in ("Cmek", "PrivateLink"):
        assert not any("Monitoring" in each for each in made[f"Pinekeep-{NAME}-{stack}"]["dependencies"])


def test_the_names_of_the_rules_are_those_of_the_model(small: Made) -> None:
    watched = Watched(deployment="small", account=ACCOUNT, region="us-east-1", key_roles=["x"])
    wanted = {rule_name("small", rule.id) for rule in rules(watched)}
    assert wanted <= set(rules_of(small))
