import json
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Event
from typing import TYPE_CHECKING, Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.live import Live, LiveRole, Unreadable
from pinekeep.model.config import Deployment
from pinekeep.operations.verification.analyzer.analysis import analyze
from pinekeep.operations.verification.analyzer.catalogue import CHECKS
from tests.operations.verification.analyzer.conftest import ACCOUNT, EXTERNAL_ID, TRUST, FakeAws, refusal

if TYPE_CHECKING:
    from tests.operations.verification.analyzer.conftest import World

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
WAIT_SECONDS = 5
CLOSED = Unreadable("iam:GetRole", "allow it")
OF_PERMISSIONS = ("analyzer-permissions-valid", "analyzer-role-cannot-administer")


def test_a_right_deployment_passes_in_the_order_of_the_checks(world: "World") -> None:
    findings = world.attached(Keys=POLICY).findings()
    assert [each.check for each in findings] == [check.id for check in CHECKS]
    assert {each.status for each in findings} == {"ok"}
    assert {each.deployment for each in findings} == {"prod"}


def test_a_role_without_permissions_policies_is_asked_nothing_about_them(world: "World") -> None:
    assert not {each.check for each in world.findings()} & set(OF_PERMISSIONS)
    assert len(world.aws.calls) == 5


def test_the_same_question_is_asked_once_and_answered_for_each_role(world: "World") -> None:
    second = {"Arn": f"arn:aws:iam::{ACCOUNT}:role/PineconeRole-2", "AssumeRolePolicyDocument": TRUST}
    both = world.when(further_roles=(LiveRole(role=second, inline_policies=[], attached_policies=[]),))
    told = [each.what for each in both.findings() if each.check == "analyzer-trust-policy-valid"]
    assert [each.rpartition("(")[2] for each in told] == ["role PineconeRole)", "role PineconeRole-2)"]
    assert len(both.aws.calls) == 5


def test_questions_are_asked_side_by_side(world: "World") -> None:
    two = Barrier(2)
    met = Event()

    def slow(**_: Any) -> Any:
        if not met.is_set():
            with suppress(BrokenBarrierError):
                two.wait(WAIT_SECONDS)
                met.set()
        return {"result": "PASS", "findings": list[Any]()}

    world.answering(validate_policy=slow, check_no_public_access=slow, check_access_not_granted=slow).findings()
    assert met.is_set()


def test_policies_that_were_not_read_are_read_by_name_and_by_version(world: "World") -> None:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    changed = world.when(
        inline_policies=["Extra"], attached_policies=[{"PolicyName": "AdministratorAccess", "PolicyArn": arn}]
    ).answering(
        get_role_policy={"PolicyDocument": POLICY},
        get_policy={"Policy": {"DefaultVersionId": "v7"}},
        get_policy_version={"PolicyVersion": {"Document": POLICY}},
        check_access_not_granted={"result": "FAIL"},
    )
    failed = [each for each in changed.findings() if each.check == "analyzer-role-cannot-administer"]
    assert [each.status for each in failed] == ["failed", "failed"]
    assert "inline policy Extra of role PineconeRole" in failed[0].what
    assert "policy AdministratorAccess of role PineconeRole" in failed[1].what
    assert changed.aws.called("get_role_policy") == [{"RoleName": "PineconeRole", "PolicyName": "Extra"}]
    assert changed.aws.called("get_policy") == [{"PolicyArn": arn}]
    assert changed.aws.called("get_policy_version") == [{"PolicyArn": arn, "VersionId": "v7"}]


def test_a_policy_that_was_read_already_is_not_read_again(world: "World") -> None:
    changed = world.attached(Keys=POLICY)
    changed.findings()
    assert not changed.aws.called("get_policy")


def test_policies_that_may_not_be_read_are_named_with_the_permission(world: "World") -> None:
    for operation, permission in (("get_policy", "iam:GetPolicy"), ("get_policy_version", "iam:GetPolicyVersion")):
        answers: dict[str, Any] = {"get_policy": {"Policy": {"DefaultVersionId": "v1"}}}
        changed = world.attached(Keys=None).answering(**{**answers, operation: refusal("AccessDenied")})
        for check in OF_PERMISSIONS:
            assert changed.finding(check).status == "unreadable"
            assert changed.finding(check).found == f"not readable without {permission}"
    inline = world.when(inline_policies=["Extra"]).answering(get_role_policy=refusal("AccessDenied"))
    assert inline.finding(OF_PERMISSIONS[0]).found == "not readable without iam:GetRolePolicy"


def test_lists_of_policies_that_may_not_be_read_are_told(world: "World") -> None:
    closed = world.when(inline_policies=Unreadable("iam:ListRolePolicies", "allow it"))
    for check in OF_PERMISSIONS:
        assert closed.finding(check).found == "not readable without iam:ListRolePolicies"


def test_what_does_not_exist_is_not_asked_about(world: "World") -> None:
    gone = world.when(role=None, key_policy=None, inline_policies=None, attached_policies=None)
    assert gone.findings() == []
    assert gone.aws.calls == []


def test_a_deployment_without_a_role_is_asked_nothing_about() -> None:
    link = {"vpc": {"id": "vpc-0a1b2c3d", "subnet_ids": ["subnet-0a1b2c3d", "subnet-1a2b3c4d"]}}
    settings = {"account": ACCOUNT, "region": "us-east-1"}
    linked = Deployment.model_validate({**settings, "private_link": {**link, "clients": {"cidrs": ["10.0.0.0/16"]}}})
    aws = FakeAws()
    assert analyze(name="prod", deployment=linked, live=Live(), clients=Clients(aws, "us-east-1")) == []
    assert aws.calls == []


def test_what_could_not_be_read_is_unreadable_and_the_rest_is_asked(world: "World") -> None:
    found = {each.check: each for each in world.when(role=CLOSED).findings()}
    for check in ("analyzer-trust-policy-valid", "analyzer-trust-policy-not-public"):
        assert (found[check].status, found[check].fix) == ("unreadable", "allow it")
    assert found["analyzer-key-policy-cannot-administer"].status == "ok"
    assert len(world.aws.called("check_access_not_granted")) == 1
    unread = world.when(key_policy=Unreadable("kms:GetKeyPolicy", "allow it")).finding("analyzer-key-policy-valid")
    assert unread.found == "not readable without kms:GetKeyPolicy"


def test_a_key_policy_that_is_none_fails_in_words(world: "World") -> None:
    assert world.when(key_policy="{").finding("analyzer-key-policy-not-public").found == "the policy is not JSON"


def test_a_key_policy_that_says_nothing_of_the_role_has_nothing_to_ask(world: "World") -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    changed = world.when(key_policy=json.dumps({"Statement": [statement]}))
    assert "nothing to ask" in changed.finding("analyzer-key-policy-cannot-administer").found
    assert not changed.aws.called("check_access_not_granted")


def test_a_trust_policy_as_iam_sends_it_is_read(world: "World") -> None:
    text = json.dumps(TRUST).replace("{", "%7B", 1)
    assert world.trusting(text).finding("analyzer-trust-policy-valid").status == "ok"
    assert json.loads(world.aws.called("check_no_public_access")[0]["policyDocument"]) == TRUST


def test_refusals_are_findings_that_have_not_passed(world: "World") -> None:
    refused = world.answering(
        validate_policy=refusal("ThrottlingException"),
        check_no_public_access=refusal("UnprocessableEntityException", f"of {EXTERNAL_ID}"),
        check_access_not_granted=refusal("AccessDeniedException"),
    )
    found = {each.check: each for each in refused.findings()}
    assert {each.status for each in found.values()} == {"unreadable"}
    assert all(each.fix for each in found.values())
    assert "too often" in found["analyzer-trust-policy-valid"].found
    assert EXTERNAL_ID not in found["analyzer-trust-policy-not-public"].found
    assert "access-analyzer:CheckAccessNotGranted" in found["analyzer-key-policy-cannot-administer"].found


def test_the_fix_of_a_policy_of_the_stacks_is_the_template_and_of_an_adopted_key_its_owner(world: "World") -> None:
    check = "analyzer-key-policy-not-public"
    failing = world.answering(check_no_public_access={"result": "FAIL"})
    assert "--revert-drift --deployment prod" in str(failing.finding(check).fix)
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
    adopted = type(failing)(failing.aws, failing.live, {"key": {"adopt": key}})
    assert "owner" in str(adopted.finding(check).fix)


def test_each_check_names_every_permission_that_it_needs() -> None:
    named = {check.id: check.permissions for check in CHECKS}
    assert named["analyzer-trust-policy-not-public"] == ("iam:GetRole", "access-analyzer:CheckNoPublicAccess")
    assert "kms:GetKeyPolicy" in named["analyzer-key-policy-valid"]
    assert {"iam:GetRolePolicy", "iam:GetPolicyVersion"} <= set(named["analyzer-role-cannot-administer"])
