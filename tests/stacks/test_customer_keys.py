"""Keys of customers in the template: policies, further roles, and what changes when customers come and go."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pinekeep.constructs import CustomerKeysAccess
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.customers.packing import Packing, Place, pack
from stacks.build import add_stacks
from stacks.cmek import CmekStack
from tests.stacks.support import (
    ACCOUNT,
    EXTERNAL_ID,
    NAME,
    PINECONE,
    REGION,
    Made,
    cmek,
    deployment,
    foreign_stack,
    made_in,
    new_scratch_app,
    read_assembly,
)

MANAGED_POLICY_MAX = 6144
POLICIES_PER_ROLE = 10
RESOURCES_MAX = 500
TEMPLATE_MAX = 1_000_000

ACME = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
GLOBEX = "arn:aws:kms:*:555566667777:key/*"
CUSTOMERS: list[dict[str, Any]] = [
    {"name": "acme", "account": "444455556666", "key_arns": [ACME]},
    {"name": "Globex Inc.", "account": "555566667777"},
]
ROLE_NAME = f"pinekeep-{NAME}-{REGION}"
POLICY = "AWS::IAM::ManagedPolicy"
ROLE = "AWS::IAM::Role"


def crowd(number: int) -> list[dict[str, Any]]:
    return [{"name": f"c{each}", "account": f"{600000000000 + each}"} for each in range(number)]


def settings(customers: Sequence[Mapping[str, Any]] = CUSTOMERS, **others: Any) -> Deployment:
    """Return a deployment with customers and no key of its own, unless one is given."""
    trust = {"regions": [REGION], "external_id": EXTERNAL_ID}
    return deployment(cmek={"trust": trust, "customer_keys": list(customers), **others})


def packed(found: Deployment, places: Mapping[str, Place] | None = None) -> Packing:
    assert found.cmek is not None
    return pack(customer_keys_of(found), places=places, describe=found.cmek.describe_customer_keys)


def make(found: Deployment, customers: Packing | None = None) -> Made:
    app = new_scratch_app()
    places = customers or packed(found)
    add_stacks(app, {NAME: found}, pinecone_account=PINECONE, customers={NAME: places})
    return read_assembly(Path(app.synth().directory))[f"Pinekeep-{NAME}-Cmek"]


@pytest.fixture(scope="module")
def two_roles() -> Made:
    return make(settings(crowd(2000)))


# --- One role ---


def test_customers_alone_make_a_role_and_its_policy_and_no_key() -> None:
    made = make(settings())
    assert {name: resource["Type"] for name, resource in made.resources.items()} == {
        "PineconeRole": ROLE,
        "CustomerKeys1x1": POLICY,
    }
    assert made.outputs == {"RoleArn": {"Fn::GetAtt": ["PineconeRole", "Arn"]}, "ExternalId": EXTERNAL_ID}


def test_the_whole_policy_is_the_customers_keys_to_encrypt_and_decrypt_and_nothing_else() -> None:
    assert make(settings()).only(POLICY) == {
        "Description": "Lets Pinecone use keys in accounts of customers",
        "ManagedPolicyName": f"{ROLE_NAME}-keys-1",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "UseKeysOfCustomers",
                    "Effect": "Allow",
                    "Action": ["kms:Encrypt", "kms:Decrypt"],
                    "Resource": [ACME, GLOBEX],
                }
            ],
        },
        "Roles": [{"Ref": "PineconeRole"}],
    }


def test_the_policys_description_and_name_never_change() -> None:
    """Both make CloudFormation replace the policy: by a second one of the same name, which IAM refuses."""
    properties = make(settings()).only(POLICY)
    assert properties["Description"] == "Lets Pinecone use keys in accounts of customers"
    assert properties["ManagedPolicyName"] == f"{ROLE_NAME}-keys-1"
    assert "Path" not in properties


def test_describing_keys_is_allowed_where_it_is_asked_for() -> None:
    (statement,) = make(settings(describe_customer_keys=True)).only(POLICY)["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"]


@pytest.mark.parametrize("key", [{}, {"rotation_days": 90}])
def test_a_key_and_customers_stand_together(key: dict[str, Any]) -> None:
    both = make(settings(key=key))
    alone = make(deployment(cmek=cmek(key=key)))
    assert both.of_type(POLICY) == make(settings()).of_type(POLICY)
    assert {name: resource for name, resource in both.resources.items() if resource["Type"] != POLICY} == (
        alone.resources
    ), "what a key makes does not depend on customers"
    assert both.outputs == alone.outputs


def test_an_adopted_key_and_customers_stand_together() -> None:
    adopted = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
    made = make(settings(key={"adopt": adopted}))
    assert made.types == [POLICY, ROLE]
    assert made.outputs["KeyArn"] == adopted


def test_the_role_is_the_same_with_customers_and_without() -> None:
    assert make(settings()).of_type(ROLE) == make(deployment(cmek=cmek())).of_type(ROLE)


def test_a_given_role_name_names_the_policies() -> None:
    assert make(settings(role_name="ours")).only(POLICY)["ManagedPolicyName"] == "ours-keys-1"


# --- Further roles ---


def test_the_logical_ids_and_names_of_what_two_thousand_customers_need_never_change(two_roles: Made) -> None:
    assert {
        name: resource["Properties"].get("RoleName") or resource["Properties"]["ManagedPolicyName"]
        for name, resource in two_roles.resources.items()
    } == {
        "PineconeRole": ROLE_NAME,
        **{f"CustomerKeys1x{number}": f"{ROLE_NAME}-keys-{number}" for number in range(1, 11)},
        "PineconeRole2": f"{ROLE_NAME}-2",
        "CustomerKeys2x1": f"{ROLE_NAME}-2-keys-1",
        "CustomerKeys2x2": f"{ROLE_NAME}-2-keys-2",
    }, "a changed logical ID makes CloudFormation take customers' keys away from a role that Pinecone knows"


def test_a_further_role_has_the_same_trust_policy_and_is_kept_as_the_first(two_roles: Made) -> None:
    first, second = deepcopy(list(two_roles.of_type(ROLE).values()))
    assert second["Properties"].pop("RoleName") == f"{first['Properties'].pop('RoleName')}-2"
    assert second == first
    assert second["DeletionPolicy"] == "RetainExceptOnCreate"
    assert second["UpdateReplacePolicy"] == "Retain"


def test_each_role_is_put_out(two_roles: Made) -> None:
    assert two_roles.outputs == {
        "RoleArn": {"Fn::GetAtt": ["PineconeRole", "Arn"]},
        "RoleArn2": {"Fn::GetAtt": ["PineconeRole2", "Arn"]},
        "ExternalId": EXTERNAL_ID,
    }


def test_every_policy_is_attached_to_the_one_role_that_it_is_named_after(two_roles: Made) -> None:
    for name, resource in two_roles.of_type(POLICY).items():
        role = "PineconeRole" if name.startswith("CustomerKeys1x") else "PineconeRole2"
        assert resource["Properties"]["Roles"] == [{"Ref": role}]


@pytest.mark.parametrize("describe", [False, True])
def test_everybody_is_in_one_policy_within_the_quotas(describe: bool) -> None:
    made = make(settings(crowd(2000), describe_customer_keys=describe))
    policies = [resource["Properties"] for resource in made.of_type(POLICY).values()]
    documents = [each["PolicyDocument"] for each in policies]
    assert max(len("".join(json.dumps(each).split())) for each in documents) <= MANAGED_POLICY_MAX
    attached = [each["Roles"][0]["Ref"] for each in policies]
    assert max(attached.count(role) for role in set(attached)) <= POLICIES_PER_ROLE
    named = [resource for each in documents for resource in each["Statement"][0]["Resource"]]
    assert sorted(named) == sorted(f"arn:aws:kms:*:{each['account']}:key/*" for each in crowd(2000))
    assert len(made.resources) <= RESOURCES_MAX
    assert len(json.dumps(made.template)) <= TEMPLATE_MAX


# --- Customers come and go ---


def differing(before: Made, after: Made) -> set[str]:
    names = before.resources.keys() | after.resources.keys()
    return {name for name in names if before.resources.get(name) != after.resources.get(name)}


def test_one_customer_less_changes_the_policy_that_held_it_alone(two_roles: Made) -> None:
    everybody = crowd(2000)
    places = packed(settings(everybody)).places
    for gone in (0, 700, 1999):
        left = settings([each for number, each in enumerate(everybody) if number != gone])
        place = places[f"c{gone}"]
        changed = differing(two_roles, make(left, packed(left, places)))
        assert changed == {f"CustomerKeys{place.role}x{place.policies[0]}"}


def test_one_customer_more_changes_one_policy_alone_wherever_the_file_names_it(two_roles: Made) -> None:
    places = packed(settings(crowd(2000))).places
    for position in (0, 1000, 2000):
        customers = crowd(2000)
        customers.insert(position, {"name": "new", "account": "777788889999"})
        more = settings(customers)
        assert differing(two_roles, make(more, packed(more, places))) == {"CustomerKeys2x2"}


def test_the_same_file_gives_the_same_template_once_places_are_written_down() -> None:
    keys = [ACME.replace("1234abcd", f"1234abc{number}") for number in range(3)]
    found = settings([{**CUSTOMERS[0], "key_arns": keys}, CUSTOMERS[1], *crowd(200)])
    assert make(found, packed(found, packed(found).places)) == make(found)


def test_another_order_of_the_file_moves_nobody(two_roles: Made) -> None:
    places = packed(settings(crowd(2000))).places
    turned = settings(crowd(2000)[::-1])
    after = make(turned, packed(turned, places))
    for name, resource in two_roles.of_type(POLICY).items():
        before = resource["Properties"]["PolicyDocument"]["Statement"][0]["Resource"]
        assert sorted(after.resources[name]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"]) == before


def test_a_policy_whose_customers_left_goes_and_the_others_keep_their_numbers() -> None:
    three = settings(crowd(400))
    places = packed(three).places
    second = {name for name, place in places.items() if place.policies == (2,)}
    left = settings([each for each in crowd(400) if each["name"] not in second])
    made = make(left, packed(left, {name: place for name, place in places.items() if name not in second}))
    assert list(made.of_type(POLICY)) == ["CustomerKeys1x1", "CustomerKeys1x3"]
    assert differing(make(three), made) == {"CustomerKeys1x2"}


def test_a_role_whose_customers_left_stays_while_a_later_one_is_needed() -> None:
    everybody = settings(crowd(400))
    places = pack(customer_keys_of(everybody), policies_per_role=1).places
    first = {name for name, place in places.items() if place.role == 1}
    assert first
    left = settings([each for each in crowd(400) if each["name"] not in first])
    packing = pack(
        customer_keys_of(left),
        places={name: place for name, place in places.items() if name not in first},
        policies_per_role=1,
    )
    made = make(left, packing)
    assert list(made.of_type(ROLE)) == ["PineconeRole", "PineconeRole2", "PineconeRole3"]
    assert list(made.of_type(POLICY)) == ["CustomerKeys2x1", "CustomerKeys3x1"]


# --- Misuse ---


def test_customers_without_places_are_refused() -> None:
    with pytest.raises(ValueError, match=f"the customers of deployment {NAME} have no places"):
        CmekStack(new_scratch_app(), "Cmek", name=NAME, deployment=settings(), pinecone_account=PINECONE)


def test_the_construct_stands_by_itself_in_somebodys_own_application() -> None:
    stack = foreign_stack()
    access = CustomerKeysAccess(
        stack, "Keys", role_name="theirs", policies=[[ACME], [], [GLOBEX]], policy_name="theirs-keys", describe=True
    )
    assert access.patterns == [GLOBEX]
    found = made_in(stack).of_type(POLICY).values()
    assert [each["Properties"]["ManagedPolicyName"] for each in found] == ["theirs-keys-1", "theirs-keys-3"]
    assert {tuple(each["Properties"]["Roles"]) for each in found} == {("theirs",)}
