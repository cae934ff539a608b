"""What a customer deploys: the key and its policy, exactly; in a real third account; and that it lets our role in."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cfnlint.config import ConfigMixIn
from cfnlint.decode import decode_str
from cfnlint.runner import Runner

from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.live import live_key, live_policies, live_role
from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.customers.packing import pack
from pinekeep.model.policies.key import key_user_statements
from pinekeep.operations.demonstration.actors import Caller, RoleSession, require_refusal
from pinekeep.operations.onboarding.documents import (
    STATEMENTS_FILE,
    TEMPLATE_FILE,
    customer_key_template,
    customer_page,
)
from pinekeep.operations.synthesis.toolchain import prepare_synth

OURS = "111122223333"
THEIRS = "444455556666"
STRANGERS = "555566667777"
PINECONE = "740000000001"
EXTERNAL_ID = "0a3f7c52-6b1e-4d89-9c40-5e2d8f1b7a36"
ROLE_NAME = "pinekeep-saas-us-east-1"
ROLE = f"arn:aws:iam::{OURS}:role/{ROLE_NAME}"
ACCESS_ROLE = "pinecone_cmek_access_us-east-1"
ENCRYPT_AND_DECRYPT = {"kms:Encrypt", "kms:Decrypt"}


@pytest.fixture
def template() -> dict[str, Any]:
    return customer_key_template(deployment="prod", customer="acme", role_arn=ROLE, role_description="Pinecone")


# --- The template ---


def test_cfn_lint_finds_nothing(template: dict[str, Any]) -> None:
    linter = Runner(ConfigMixIn(include_checks=["I"], include_experimental=True, regions=["us-east-1", "eu-west-1"]))
    parsed, errors = decode_str(json.dumps(template))
    matches = errors or linter.validate_template(parsed or {})
    about_metadata = "I4010"  # what the template is for stands in its Description
    assert [f"{each.rule.id}: {each.message}" for each in matches if each.rule.id != about_metadata] == []
    template["Resources"]["EncryptionKey"]["Properties"]["KeySpec"] = "SYMETRIC"
    parsed, _ = decode_str(json.dumps(template))
    assert parsed is not None
    assert linter.validate_template(parsed), "a wrong one is found"


def test_it_is_a_key_and_an_alias_that_stay_when_the_stack_goes(template: dict[str, Any]) -> None:
    assert {name: each["Type"] for name, each in template["Resources"].items()} == {
        "EncryptionKey": "AWS::KMS::Key",
        "EncryptionKeyAlias": "AWS::KMS::Alias",
    }
    for each in template["Resources"].values():
        assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert template["Resources"]["EncryptionKeyAlias"]["Properties"] == {
        "AliasName": "alias/pinecone/prod/acme",
        "TargetKeyId": {"Ref": "EncryptionKey"},
    }
    assert template["Outputs"]["KeyArn"]["Value"] == {"Fn::GetAtt": ["EncryptionKey", "Arn"]}


def test_the_key_is_what_pinecone_can_use_and_rotates(template: dict[str, Any]) -> None:
    properties = {**template["Resources"]["EncryptionKey"]["Properties"]}
    del properties["KeyPolicy"]
    assert properties == {
        "Description": "Used by Pinecone for acme",
        "Enabled": True,
        "EnableKeyRotation": True,
        "RotationPeriodInDays": 365,
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Origin": "AWS_KMS",
        "MultiRegion": False,
        "PendingWindowInDays": 30,
    }


def test_the_key_policy_keeps_the_key_with_its_account_and_makes_our_role_a_user_of_it(
    template: dict[str, Any],
) -> None:
    assert template["Resources"]["EncryptionKey"]["Properties"]["KeyPolicy"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EnableIamUserPermissions",
                "Effect": "Allow",
                "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "AllowUseOfTheKey",
                "Effect": "Allow",
                "Principal": {"AWS": ROLE},
                "Action": [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:DescribeKey",
                ],
                "Resource": "*",
            },
            {
                "Sid": "AllowAttachmentOfPersistentResources",
                "Effect": "Allow",
                "Principal": {"AWS": ROLE},
                "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                "Resource": "*",
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ],
    }


def test_it_names_no_account_but_ours_and_needs_no_tool(template: dict[str, Any]) -> None:
    text = json.dumps(template)
    assert set(re.findall(r"\d{12}", text)) == {OURS}
    assert not {"Parameters", "Transform", "Rules", "Metadata"} & template.keys()
    assert len(text) < 51_200, "what create-stack takes without a bucket"


# --- The page ---


@pytest.fixture
def page() -> str:
    return customer_page(deployment="prod", customer="acme", account=THEIRS, region="us-east-1", role_arn=ROLE)


def test_the_page_names_the_role_the_account_the_files_and_the_statements(page: str) -> None:
    for word in (ROLE, THEIRS, TEMPLATE_FILE, STATEMENTS_FILE, "alias/pinecone/prod/acme"):
        assert word in page
    (shown,) = re.findall(r"```json\n(.*?)```", page, flags=re.DOTALL)
    assert json.loads(shown) == key_user_statements(ROLE)
    assert not re.search(r"\{\w+\}", page.replace(shown, "")), "nothing is left to fill in"


def test_the_page_asks_kms_for_the_policy_alone(page: str) -> None:
    """KMS answers with the policy's name too, and as text the two would stand in one line."""
    assert "get-key-policy --region us-east-1 --key-id KEY-ID --policy-name default --query Policy" in page


def test_the_commands_on_the_page_have_options_that_aws_knows(page: str) -> None:
    from botocore import xform_name  # noqa: PLC0415
    from botocore.session import get_session  # noqa: PLC0415

    commands = re.findall(r"aws (kms|cloudformation) ([a-z-]+)((?:\\\n|[^\n`])*)", page)
    assert {name for _, name, _ in commands} >= {"deploy", "describe-stacks", "get-key-policy", "disable-key"}
    everywhere = {"region", "query", "output"}
    for service, name, rest in commands:
        options = set(re.findall(r"--([a-z-]+)", rest)) - everywhere
        if name == "deploy":  # of the AWS CLI alone
            assert options == {"stack-name", "template-file"}
            continue
        model = get_session().get_service_model(service)
        operation = next(each for each in model.operation_names if xform_name(each, "-") == name)
        shape = model.operation_model(operation).input_shape
        assert shape is not None
        known = {xform_name(each, "-") for each in shape.members}
        assert options <= known, name


# --- In a third account, beside our role in ours ---


@dataclass(frozen=True)
class World:
    """Our role with its policies, and the customer's key, each in its own account."""

    aws: Any
    deployment: Deployment
    key: str
    strangers_key: str

    def live(self) -> PolicySet:
        """Return all the policies as the accounts have them."""
        iam = self.aws.session(OURS).client("iam")
        attached = {}
        for each in iam.list_attached_role_policies(RoleName=ROLE_NAME)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
            found = iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId=version)
            attached[each["PolicyArn"]] = found["PolicyVersion"]["Document"]
        role = live_role(iam.get_role(RoleName=ROLE_NAME)["Role"], inline={}, attached=attached)
        keys = [
            live_key(arn=arn, name=name, policy=self.policy_of(account, arn))
            for name, account, arn in (("acme", THEIRS, self.key), ("stranger", STRANGERS, self.strangers_key))
        ]
        return live_policies(
            name="saas", deployment=self.deployment, pinecone_account=PINECONE, roles=[role], keys=keys
        )

    def policy_of(self, account: str, key: str) -> str:
        return str(self.aws.session(account).client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])

    def as_pinecone(self) -> RoleSession:
        caller = Caller(aws=self.aws, account=PINECONE, role_name=ACCESS_ROLE)
        return caller.assume(ROLE, external_id=EXTERNAL_ID)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    server = pytest.importorskip("pinekeep.emulator.server")
    trust = {"regions": ["us-east-1"], "external_id": EXTERNAL_ID}
    customers = [{"name": "acme", "account": THEIRS}]
    settings = {"account": OURS, "region": "us-east-1", "cmek": {"trust": trust, "customer_keys": customers}}
    deployment = Deployment.model_validate(settings)
    with server.EmbeddedAws(account=OURS) as aws:
        create_stack(aws.session(OURS), "Pinekeep-saas-Cmek", our_template(deployment, tmp_path_factory.mktemp("ours")))
        given = customer_key_template(deployment="prod", customer="acme", role_arn=ROLE, role_description="Pinecone")
        key, strangers_key = (
            create_stack(aws.session(account), "pinecone-key-prod-acme", given)["KeyArn"]
            for account in (THEIRS, STRANGERS)
        )
        yield World(aws, deployment, key, strangers_key)


def our_template(deployment: Deployment, folder: Path) -> dict[str, Any]:
    prepare_synth(os.environ)
    from stacks.build import add_stacks, new_app  # noqa: PLC0415 - aws_cdk starts Node, which must be chosen first

    app = new_app(outdir=str(folder))
    places = {"saas": pack(customer_keys_of(deployment))}
    add_stacks(app, {"saas": deployment}, pinecone_account=PINECONE, customers=places)
    app.synth()
    made: dict[str, Any] = json.loads((folder / "Pinekeep-saas-Cmek.template.json").read_text())
    return {name: part for name, part in made.items() if name not in ("Parameters", "Rules")}


def create_stack(session: Any, name: str, template: dict[str, Any]) -> dict[str, str]:
    """Create a stack and return its outputs."""
    cloudformation = session.client("cloudformation")
    cloudformation.create_stack(
        StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    wait = {"Delay": 0.2, "MaxAttempts": 200}
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=wait)
    outputs = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    return {each["OutputKey"]: each["OutputValue"] for each in outputs}


@pytest.mark.e2e
def test_the_customer_gets_a_key_in_its_own_account_that_rotates_and_has_the_alias(world: World) -> None:
    kms = world.aws.session(THEIRS).client("kms")
    assert world.key.split(":")[4] == THEIRS
    found = kms.describe_key(KeyId="alias/pinecone/prod/acme")["KeyMetadata"]
    assert (found["Arn"], found["KeyState"], found["KeySpec"]) == (world.key, "Enabled", "SYMMETRIC_DEFAULT")
    assert kms.get_key_rotation_status(KeyId=world.key)["RotationPeriodInDays"] == 365
    root, *users = json.loads(world.policy_of(THEIRS, world.key))["Statement"]
    assert root["Principal"] == {"AWS": f"arn:aws:iam::{THEIRS}:root"}
    assert users == key_user_statements(ROLE)


@pytest.mark.e2e
def test_the_key_outlives_its_stack(world: World) -> None:
    session = world.aws.session(THEIRS)
    again = customer_key_template(deployment="prod", customer="again", role_arn=ROLE, role_description="Pinecone")
    key = create_stack(session, "again", again)["KeyArn"]
    session.client("cloudformation").delete_stack(StackName="again")
    session.client("cloudformation").get_waiter("stack_delete_complete").wait(
        StackName="again", WaiterConfig={"Delay": 0.2, "MaxAttempts": 200}
    )
    assert session.client("kms").describe_key(KeyId="alias/pinecone/prod/again")["KeyMetadata"]["Arn"] == key


@pytest.mark.e2e
def test_pinecone_assumes_our_role_with_the_external_id_alone(world: World) -> None:
    assert world.as_pinecone()
    caller = Caller(aws=world.aws, account=PINECONE, role_name=ACCESS_ROLE)
    require_refusal(lambda: caller.assume(ROLE, external_id=None), "AccessDenied")
    stranger = Caller(aws=world.aws, account=STRANGERS, role_name=ACCESS_ROLE)
    require_refusal(lambda: stranger.assume(ROLE, external_id=EXTERNAL_ID), "AccessDenied")


@pytest.mark.e2e
def test_the_emulator_has_no_keys_of_other_accounts(world: World) -> None:
    """When this fails, the emulator has learned it: use the key for real then, beside deciding about it."""
    session = world.as_pinecone()
    with pytest.raises(ClientError) as caught:
        session.encrypt(world.key)
    assert caught.value.response["Error"]["Code"] == "NotFoundException"


def allowed(found: Table, principal: str, on: str) -> set[str]:
    """Return the actions that somebody may do on a role or key."""
    return {
        row.request.action
        for row in found.rows
        if row.principal.id == principal and row.request.on == on and row.decision.effect is Effect.ALLOW
    }


@pytest.mark.e2e
def test_by_decision_our_role_may_encrypt_and_decrypt_with_the_customers_key_and_nothing_else(world: World) -> None:
    decided = decision_table(world.live())
    assert not [row for row in decided.rows if row.decision.effect is Effect.UNDECIDED]
    role = f"role/{ROLE_NAME}"
    assert allowed(decided, role, "key/acme") == ENCRYPT_AND_DECRYPT
    assert allowed(decided, role, "key/stranger") == set(), "it let the role in, but is no customer's"
    assert "sts:AssumeRole" in allowed(decided, "pinecone/us-east-1", role)
    for somebody in ("pinecone/us-east-1", "pinecone/root", "stranger", "account/root", "account/user"):
        assert allowed(decided, somebody, "key/acme") == set(), somebody


@pytest.mark.e2e
@pytest.mark.parametrize("missing", ["the policy of the role", "the statement in the key's policy"])
def test_by_decision_each_of_the_two_halves_is_needed(world: World, missing: str) -> None:
    policies = world.live()
    (role,) = policies.roles
    acme, stranger = policies.keys
    assert acme.document is not None
    if missing == "the policy of the role":
        role = replace(role, permissions=())
    else:
        acme = replace(acme, document={**acme.document, "Statement": acme.document["Statement"][:1]})
    decided = decision_table(replace(policies, roles=(role,), keys=(acme, stranger)))
    assert allowed(decided, role.id, "key/acme") == set()


def test_a_customer_in_two_deployments_gets_two_stacks_with_two_aliases() -> None:
    """Else the second would update the first one's stack, and the first role would lose the key."""
    templates = [
        customer_key_template(deployment=each, customer="acme", role_arn=ROLE, role_description="Pinecone")
        for each in ("prod", "dev")
    ]
    aliases = {template["Resources"]["EncryptionKeyAlias"]["Properties"]["AliasName"] for template in templates}
    assert aliases == {"alias/pinecone/prod/acme", "alias/pinecone/dev/acme"}
    pages = [
        customer_page(deployment=each, customer="acme", account=THEIRS, region="us-east-1", role_arn=ROLE)
        for each in ("prod", "dev")
    ]
    assert ["--stack-name pinecone-key-prod-acme " in page for page in pages] == [True, False]
