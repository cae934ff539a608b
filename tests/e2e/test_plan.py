"""``plan``, and what ``deploy`` lets through and refuses, with the real CDK command line against the embedded AWS."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.command_support import GOOD, Result, Run, external_id_of, named

pytestmark = pytest.mark.e2e

NAME = "planned"
STACK = f"Pinekeep-{NAME}-Cmek"
TEXT = named(NAME, GOOD[: GOOD.index("    private_link:")])
OTHER_ID = TEXT.replace(external_id_of(NAME)[:8], "4f2b8a54")
ADOPTED = "arn:aws:kms:us-east-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"

BESIDE = "pinekeep.handed-over.json"

Written = Callable[[str], None]


@pytest.fixture
def cloudformation(aws: EmbeddedAws) -> Any:
    return aws.session().client("cloudformation")


@pytest.fixture
def written(folder: Path) -> Written:
    def write(text: str) -> None:
        (folder / "pinekeep.yaml").write_text(text)

    return write


@pytest.fixture
def deployed(pinekeep: Run, written: Written, aws: EmbeddedAws) -> Iterator[None]:
    """The deployment as TEXT has it, with nothing handed over."""
    written(TEXT)
    result = pinekeep("deploy", "--yes", "--accept-breaking", NAME)
    assert result.code == 0, result.err
    yield
    ssm = aws.session().client("ssm")
    ssm.delete_parameters(Names=[f"/pinekeep/{NAME}/handed-over", f"/pinekeep-records/{NAME}"])


def with_key(settings: str) -> str:
    return f"{TEXT}      key: {{{settings}}}\n"


def left_behind(cloudformation: Any) -> list[str]:
    """What a plan must not leave: change sets of ours, and stacks that wait in review."""
    stacks = cloudformation.describe_stacks()["Stacks"]
    waiting = [each["StackName"] for each in stacks if each["StackStatus"] == "REVIEW_IN_PROGRESS"]
    sets = [
        one["ChangeSetName"]
        for each in stacks
        for one in cloudformation.list_change_sets(StackName=each["StackName"])["Summaries"]
        if one["ChangeSetName"].startswith("pinekeep-") and one["ExecutionStatus"] != "EXECUTE_COMPLETE"
    ]
    return waiting + sets


def planned(pinekeep: Run) -> tuple[Result, str, set[str]]:
    result = pinekeep("plan", "--json")
    said = result.require_schema("plan")
    (only,) = said["deployments"]
    return result, said["kind"], {each["rule"] for each in only["findings"]}


def test_a_first_deployment_is_planned_and_nothing_is_left(
    pinekeep: Run, written: Written, cloudformation: Any
) -> None:
    written(named("first", GOOD[: GOOD.index("    private_link:")]))
    result, kind, rules = planned(pinekeep)
    # What other tests deployed to the same account, this file does not name.
    assert (result.code, kind, rules - {"unnamed"}) == (0, "attention", {"access", "made"})
    assert left_behind(cloudformation) == []
    assert "Pinekeep-first-Cmek" not in {each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]}
    shown = pinekeep("plan", "--markdown")
    assert "## Plan for `first`: attention" in shown.out
    assert "Pinecone's access role of us-east-1 can now assume the role" in shown.out
    assert pinekeep("plan", "--markdown", "--json").code == 2


CASES = {
    "nothing": (TEXT, 0, "safe", set()),
    "a tag": (TEXT.replace("team: search", "team: other"), 0, "safe", {"labels"}),
    "an administrator": (
        with_key("administrators: ['arn:aws:iam::111122223333:role/KeyAdmins']"),
        0,
        "attention",
        {"access", "administrators", "key-policy"},
    ),
    "the rotation": (with_key("rotation_days: 400"), 0, "attention", {"rotation"}),
    "a region": (
        TEXT.replace("regions: [us-east-1]", "regions: [us-west-2]"),
        1,
        "breaks_pinecone",
        {"trust-region", "access", "trust-policy"},
    ),
    "the external ID": (OTHER_ID, 1, "breaks_pinecone", {"external-id", "trust-region", "access", "trust-policy"}),
    "the role's name": (
        TEXT.replace("    cmek:", "    cmek:\n      role_name: other"),
        1,
        "destroys",
        {"role-replaced", "role-arn", "access", "key-policy"},
    ),
    "the alias": (with_key("alias: other"), 1, "destroys", {"alias-replaced"}),
    "another key": (with_key(f"adopt: '{ADOPTED}'"), 1, "destroys", {"key-removed", "alias-removed", "key-arn"}),
}


def test_each_kind_of_change_is_told_for_what_it_is(
    pinekeep: Run, written: Written, deployed: None, cloudformation: Any
) -> None:
    for what, (text, code, kind, rules) in CASES.items():
        written(text)
        result, found, told = planned(pinekeep)
        assert (what, result.code, found, told) == (what, code, kind, rules)
    assert left_behind(cloudformation) == []


def test_what_breaks_pinecone_takes_more_than_a_yes_and_is_refused_once_it_was_handed_over(
    pinekeep: Run, written: Written, deployed: None, cloudformation: Any
) -> None:
    written(OTHER_ID)
    unnamed = pinekeep("deploy", "--yes")
    assert unnamed.code == 2
    assert f"--accept-breaking {NAME}" in unnamed.err
    assert pinekeep("deploy", "--yes", "--accept-breaking", "other").code == 2
    assert left_behind(cloudformation) == []
    accepted = pinekeep("deploy", "--yes", "--accept-breaking", NAME)
    assert accepted.code == 0, accepted.err

    recorded = pinekeep("handoff", "--record")
    assert recorded.code == 0
    assert f"wrote {BESIDE}: commit it" in recorded.err
    written(TEXT)
    for verb in (("plan",), ("deploy", "--yes", "--accept-breaking", NAME)):
        early = pinekeep(*verb)
        assert early.code == 2
        assert "external_id: it is not the external ID that Pinecone was given" in early.err
    assert left_behind(cloudformation) == []
    # Whoever has not got the file beside the configuration is refused by the record.
    Path(BESIDE).unlink()
    refused = pinekeep("deploy", "--yes", "--accept-breaking", NAME)
    assert refused.code == 1
    assert "DIFFERS FROM WHAT PINECONE WAS GIVEN" in refused.err
    assert f"{NAME} is not deployed: it was handed over to Pinecone on" in refused.err
    outputs = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    assert {each["OutputValue"] for each in outputs if each["OutputKey"] == "ExternalId"} == {
        external_id_of(NAME).replace(external_id_of(NAME)[:8], "4f2b8a54")
    }


def test_what_destroys_is_refused_whatever_is_said(
    pinekeep: Run, written: Written, deployed: None, cloudformation: Any
) -> None:
    written(with_key(f"adopt: '{ADOPTED}'"))
    kms = {each["ResourceType"] for each in cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]}
    refused = pinekeep("deploy", "--yes", "--accept-breaking", NAME)
    assert refused.code in (1, 3)
    assert {
        each["ResourceType"] for each in cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    } == kms
    assert left_behind(cloudformation) == []


def test_drift_is_told_and_undone_only_when_that_is_asked_for(
    pinekeep: Run, written: Written, deployed: None, aws: EmbeddedAws
) -> None:
    role = f"pinekeep-{NAME}-us-east-1"
    iam = aws.session().client("iam")
    before = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    wide = {**before, "Statement": [*before["Statement"], statement]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(wide))
    try:
        _, kind, rules = planned(pinekeep)
        assert (kind, rules) == ("attention", {"drift"})
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))


def test_the_guards_are_set_again_where_nothing_else_changes(
    pinekeep: Run, deployed: None, cloudformation: Any
) -> None:
    everything = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}]}'
    cloudformation.set_stack_policy(StackName=STACK, StackPolicyBody=everything)
    cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    again = pinekeep("deploy", "--yes", "--json")
    assert again.code == 0, again.err
    assert again.json["changed"] is True
    assert "Update:Delete" in cloudformation.get_stack_policy(StackName=STACK)["StackPolicyBody"]
    assert cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["EnableTerminationProtection"] is True


def test_a_change_set_that_somebody_elses_deployment_outdated_is_not_executed(
    pinekeep: Run, written: Written, deployed: None, cloudformation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pinekeep.operations.deployment import execution as executing  # noqa: PLC0415

    run = executing._execute

    def outdated(plan: Any, stack: Any, tell: Any) -> None:
        for each in cloudformation.list_change_sets(StackName=STACK)["Summaries"]:
            cloudformation.delete_change_set(StackName=STACK, ChangeSetName=each["ChangeSetName"])
        run(plan, stack, tell)

    monkeypatch.setattr(executing, "_execute", outdated)
    written(TEXT.replace("team: search", "team: late"))
    late = pinekeep("deploy", "--yes")
    assert late.code == 3
    assert f"somebody else has changed stack {STACK} since its change set was made" in late.err
    tags = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Tags"]
    assert {"Key": "team", "Value": "late"} not in tags
