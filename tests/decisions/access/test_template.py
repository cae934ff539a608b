"""Reading the policies out of a synthesized template."""

from copy import deepcopy
from typing import Any

import pytest

from pinekeep.decisions.access.differences import differences
from pinekeep.decisions.access.policies import PolicyError, PolicySet
from pinekeep.decisions.access.table import decision_table
from pinekeep.decisions.access.template import UnresolvedError, template_policies
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.policies.key import key_policy
from tests.decisions.access.worlds import (
    ACCOUNT,
    ADMINISTRATOR,
    ID,
    KEY,
    PINECONE,
    ROLE,
    document,
    effects,
    table,
    world,
)

UNBORN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"


def deployment(**key: Any) -> Deployment:
    trust = {"regions": ["us-east-1", "us-west-2"], "external_id": ID}
    cmek = {"trust": trust, "key": {"administrators": [ADMINISTRATOR], **key}, "role_name": "pinekeep-prod"}
    return Deployment.model_validate({"account": ACCOUNT, "region": "us-east-1", "cmek": cmek})


def template(**resources: Any) -> dict[str, Any]:
    """Return a template with the role and the key of the right deployment, and with more."""
    policies = world()
    key = key_policy(account=ACCOUNT, administrators=[ADMINISTRATOR], role="ROLE")
    for statement in key["Statement"][3:]:
        statement["Principal"] = {"AWS": {"Fn::GetAtt": ["PineconeRole", "Arn"]}}
    role = {"RoleName": "pinekeep-prod", "AssumeRolePolicyDocument": deepcopy(policies.roles[0].trust)}
    return {
        "Resources": {
            "PineconeRole": {"Type": "AWS::IAM::Role", "Properties": role},
            "EncryptionKey": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": key}},
            **resources,
        }
    }


def read(found: dict[str, Any], settings: Deployment | None = None, **more: Any) -> PolicySet:
    return template_policies(found, name="prod", deployment=settings or deployment(), pinecone_account=PINECONE, **more)


def principal_of(value: Any) -> Any:
    found = template()
    found["Resources"]["EncryptionKey"]["Properties"]["KeyPolicy"]["Statement"][3]["Principal"]["AWS"] = value
    document = read(found).keys[0].document
    assert document is not None
    return document["Statement"][3]["Principal"]["AWS"]


def test_the_template_decides_as_the_policies_that_went_into_it() -> None:
    found = read(template())
    assert (found.roles[0].arn, found.keys[0].arn) == (ROLE, UNBORN)
    assert effects(table(found)) == effects(table(world()))
    assert differences(table(found), table(world())) == []


def test_the_template_that_the_product_synthesizes_can_be_read() -> None:
    support = pytest.importorskip("tests.stacks.support")
    settings = support.deployment(cmek=support.cmek(key={"administrators": [ADMINISTRATOR]}))
    made = support.make({support.NAME: settings})[f"Pinekeep-{support.NAME}-Cmek"]
    found = template_policies(made.template, name=support.NAME, deployment=settings, pinecone_account=support.PINECONE)
    assert found.roles[0].arn == role_arn_of(support.NAME, settings)
    decided = decision_table(found)
    assert decided.of(found.roles[0].id, "key kms:Decrypt").effect == "allow"
    assert not [row for row in decided.rows if row.decision.effect == "undecided"]


@pytest.mark.parametrize(
    "written",
    [
        {"Fn::GetAtt": ["PineconeRole", "Arn"]},
        {"Fn::GetAtt": "PineconeRole.Arn"},
        {"Fn::Sub": "${PineconeRole.Arn}"},
        {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${PineconeRole}"},
        {"Fn::Sub": ["arn:aws:iam::${Account}:role/pinekeep-prod", {"Account": {"Ref": "AWS::AccountId"}}]},
        {
            "Fn::Join": [
                "",
                ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":role/", {"Ref": "PineconeRole"}],
            ]
        },
        ROLE,
    ],
)  # fmt: skip
def test_every_way_of_referring_to_the_role_is_resolved(written: Any) -> None:
    assert principal_of(written) == ROLE
    assert principal_of([written]) == [ROLE]


def test_a_literal_dollar_in_a_sub_stays() -> None:
    assert principal_of({"Fn::Sub": "${!aws:username}-${AWS::Region}"}) == "${aws:username}-us-east-1"


def test_a_parameter_with_a_default_is_resolved() -> None:
    found = template()
    found["Parameters"] = {"Who": {"Type": "String", "Default": ROLE}}
    found["Resources"]["EncryptionKey"]["Properties"]["KeyPolicy"]["Statement"][3]["Principal"]["AWS"] = {"Ref": "Who"}
    assert (read(found).keys[0].document or {})["Statement"][3]["Principal"]["AWS"] == ROLE


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ({"Ref": "Nothing"}, "Ref Nothing"),
        ({"Fn::GetAtt": ["PineconeRole", "RoleId"]}, "Fn::GetAtt PineconeRole.RoleId"),
        ({"Fn::GetAtt": ["Nothing", "Arn"]}, "Fn::GetAtt Nothing.Arn"),
        ({"Fn::ImportValue": "Other"}, "Fn::ImportValue"),
        ({"Fn::If": ["C", "a", "b"]}, "Fn::If"),
        ({"Fn::Sub": "${Nothing}"}, "Ref Nothing"),
    ],
)
def test_what_is_known_only_when_it_is_deployed_is_refused_with_its_place(written: Any, what: str) -> None:
    with pytest.raises(UnresolvedError) as refused:
        principal_of(written)
    assert str(refused.value) == (
        f"EncryptionKey.KeyPolicy: {what} is known only after deployment, so nothing is decided from it"
    )
    assert refused.value.hint is not None


def test_a_role_without_a_name_is_refused() -> None:
    found = template()
    del found["Resources"]["PineconeRole"]["Properties"]["RoleName"]
    with pytest.raises(UnresolvedError, match=r"PineconeRole.RoleName: the role's name is known only after deployment"):
        read(found)


def test_a_template_without_a_role_is_refused() -> None:
    with pytest.raises(PolicyError, match="the template has no role"):
        read({"Resources": {}})


def test_a_deployment_without_a_key_is_refused() -> None:
    settings = Deployment.model_validate({"account": ACCOUNT, "region": "us-east-1"})
    with pytest.raises(WrongInputError, match="no cmek"):
        read(template(), settings)


PERMISSION = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["EncryptionKey", "Arn"]}}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::IAM::ManagedPolicy", {"ManagedPolicyName": "extra", "Roles": [{"Ref": "PineconeRole"}]}),
        ("AWS::IAM::Policy", {"PolicyName": "extra", "Roles": ["pinekeep-prod"]}),
        ("AWS::IAM::RolePolicy", {"PolicyName": "extra", "RoleName": {"Ref": "PineconeRole"}}),
    ],
)
def test_a_policy_that_attaches_itself_to_the_role_is_its_permission(kind: str, properties: dict[str, Any]) -> None:
    extra = {"Type": kind, "Properties": {**properties, "PolicyDocument": document(PERMISSION)}}
    [found] = read(template(Extra=extra)).roles[0].permissions
    assert found.name == "extra"
    assert found.document == document({**PERMISSION, "Resource": UNBORN})


def test_a_policy_of_another_role_is_not_its_permission() -> None:
    properties = {"PolicyName": "x", "Roles": ["other"], "PolicyDocument": document(PERMISSION)}
    found = read(template(Extra={"Type": "AWS::IAM::Policy", "Properties": properties}))
    assert found.roles[0].permissions == ()


def test_inline_attached_and_limiting_policies_of_the_role_are_read() -> None:
    managed = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(PERMISSION)}}
    found = template(Extra=managed)
    role = found["Resources"]["PineconeRole"]["Properties"]
    role["Policies"] = [{"PolicyName": "inline", "PolicyDocument": document(PERMISSION)}]
    role["ManagedPolicyArns"] = [{"Ref": "Extra"}, "arn:aws:iam::aws:policy/ReadOnlyAccess"]
    role["PermissionsBoundary"] = "arn:aws:iam::111122223333:policy/limit"
    role["Path"] = "/team/"
    made = read(found).roles[0]
    assert made.arn == f"arn:aws:iam::{ACCOUNT}:role/team/pinekeep-prod"
    assert [(each.name, each.document is None) for each in made.permissions] == [
        ("inline", False),
        ("Extra", False),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", True),
    ]
    assert made.boundary is not None
    assert made.boundary.document is None


def test_two_keys_have_two_arns_and_two_names() -> None:
    second = deepcopy(template()["Resources"]["EncryptionKey"])
    found = read(template(Second=second))
    assert [(each.id, each.arn[-1]) for each in found.keys] == [("key", "0"), ("key/Second", "1")]


def test_an_adopted_key_is_undecided_unless_it_is_said_what_is_wanted_of_it() -> None:
    found = template()
    del found["Resources"]["EncryptionKey"]
    settings = deployment(adopt=KEY)
    assert table(read(found, settings)).of("role/pinekeep-prod", "key kms:Decrypt").effect == "undecided"
    wanted = key_policy(account=ACCOUNT, administrators=[], role=ROLE)
    decided = table(read(found, settings, adopted_policy=wanted))
    assert decided.of("role/pinekeep-prod", "key kms:Decrypt").effect == "allow"
