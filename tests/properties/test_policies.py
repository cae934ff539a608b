"""What holds of every policy, whatever the configuration."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pinekeep.decisions.access.policies import PolicySet
from pinekeep.model.policies import compare
from pinekeep.model.policies.document import Policy
from tests.properties.configurations import Data, configurations
from tests.properties.loaded import documents, loaded, policy_sets
from tests.properties.settings import tried

# IAM's and KMS's own numbers, written down again: a wrong constant in the product must not make a wrong test.
TRUST_POLICY_MAX = 2048
MANAGED_POLICY_MAX = 6144
MANAGED_POLICIES_PER_ROLE = 10
KEY_POLICY_MAX = 32 * 1024

ADMINISTRATION = (
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "kms:UpdateAlias",
    "kms:TagResource",
    "kms:RetireGrant",
    "kms:ImportKeyMaterial",
    "kms:ReplicateKey",
)


def sets_of(data: Data) -> list[PolicySet]:
    return [policies for _, _, policies in policy_sets(loaded(data))]


def statements(policy: Policy) -> list[dict[str, Any]]:
    return list(policy["Statement"])


def length(policy: Policy) -> int:
    """The length as IAM counts it: without white space."""
    return len("".join(json.dumps(policy).split()))


@tried(25)
@given(configurations())
def test_everyone_is_a_principal_only_under_the_condition_on_pinecones_roles(data: Data) -> None:
    for policies in sets_of(data):
        pattern = f"arn:aws:iam::{policies.agreed.pinecone_account}:role/pinecone_cmek_access_*"
        for document in documents(policies):
            for each in statements(document):
                assert not {"NotPrincipal", "NotAction", "NotResource"} & set(each)
                if compare.EVERYONE in json.dumps(each.get("Principal")):
                    assert each["Principal"] == {"AWS": "*"}
                    assert each["Action"] == "sts:AssumeRole"
                    assert each["Condition"]["StringLike"] == {"aws:PrincipalArn": pattern}


@tried(25)
@given(configurations())
def test_an_external_id_is_compared_letter_by_letter_and_has_to_be_there(data: Data) -> None:
    for policies in sets_of(data):
        for role in policies.roles:
            (statement,) = statements(role.trust or {})
            conditions = statement.get("Condition", {})
            operators = [operator for operator, keys in conditions.items() if "sts:ExternalId" in keys]
            assert operators == ([] if policies.agreed.external_id is None else ["StringEquals"])
            assert not any(operator.endswith("IfExists") for operator in conditions)
            if operators:
                assert conditions["StringEquals"] == {"sts:ExternalId": policies.agreed.external_id}


@tried(25)
@given(configurations())
def test_a_role_is_given_the_use_of_keys_and_nothing_else(data: Data) -> None:
    for policies in sets_of(data):
        arns = {role.arn for role in policies.roles}
        granted = [
            action
            for document in documents(policies)
            for each in compare.parse(document)
            if each.allows and (not each.principals or each.principals & arns)
            for action in each.actions
        ]
        assert granted
        for action in granted:
            assert not any(compare.covers(action, administration) for administration in ADMINISTRATION), action


@tried(25)
@given(configurations())
def test_an_account_keeps_its_key_without_any_condition(data: Data) -> None:
    for policies in sets_of(data):
        for key in policies.keys:
            first, *others = statements(key.document or {})
            assert first == {
                "Sid": "EnableIamUserPermissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{key.account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
            for each in others:
                if each["Effect"] == "Deny":
                    assert set(each["Principal"]["AWS"]) <= set(policies.agreed.administrators)


@tried(25)
@given(configurations())
def test_every_policy_is_within_its_quota(data: Data) -> None:
    for policies in sets_of(data):
        for role in policies.roles:
            assert length(role.trust or {}) <= TRUST_POLICY_MAX
            assert len(role.permissions) <= MANAGED_POLICIES_PER_ROLE
            assert all(length(each.document or {}) <= MANAGED_POLICY_MAX for each in role.permissions)
        assert all(len(json.dumps(key.document)) <= KEY_POLICY_MAX for key in policies.keys)


@tried(25)
@given(configurations())
def test_a_role_is_let_in_to_the_keys_of_the_file_and_to_no_other(data: Data) -> None:
    for name, deployment, policies in policy_sets(loaded(data)):
        given_ = data["deployments"][name]["cmek"].get("customer_keys", [])
        wanted = [
            resource
            for customer in given_
            for resource in customer.get("key_arns", [f"arn:aws:kms:*:{customer['account']}:key/*"])
        ]
        found = [
            resource
            for role in policies.roles
            for each in role.permissions
            for statement in statements(each.document or {})
            for resource in statement["Resource"]
        ]
        assert sorted(found) == sorted(wanted)
        assert not any(resource.split(":")[4] == deployment.account for resource in found)


@tried(15)
@given(configurations())
def test_equal_files_give_equal_bytes(data: Data) -> None:
    first, second = ([list(map(json.dumps, documents(each))) for each in sets_of(data)] for _ in range(2))
    assert first == second


@tried(15)
@given(configurations(), st.randoms(use_true_random=False))
def test_the_order_of_settings_decides_nothing(data: Data, chance: Any) -> None:
    assert sets_of(shuffled(data, chance)) == sets_of(data)


def shuffled(value: Any, chance: Any) -> Any:
    """Return the data with the settings of each mapping in another order; lists and deployments keep theirs."""
    if isinstance(value, list):
        return [shuffled(each, chance) for each in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    if not all(isinstance(each, dict) and "account" in each for each in value.values()):
        chance.shuffle(names)
    return {name: shuffled(value[name], chance) for name in names}
