"""What cannot be decided is said, not guessed: only where it matters."""

from dataclasses import replace
from typing import Any

import pytest

from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.evaluation import Decider
from pinekeep.decisions.access.evaluator import library
from pinekeep.decisions.access.policies import NamedPolicy, PolicyError
from pinekeep.decisions.access.requests import Group, Request
from pinekeep.decisions.access.table import Table
from pinekeep.decisions.access.vocabulary import OPERATORS, Part, examine
from tests.decisions.access.worlds import (
    ID,
    REGIONS,
    ROLE,
    access_role,
    document,
    effects,
    table,
    with_key,
    with_role,
    with_trust,
    world,
)

ASSUME = "role/pinekeep-prod the agreed external ID"
OURS = "role/pinekeep-prod"
RIGHT_ID = {"StringEquals": {"sts:ExternalId": ID}}


def undecided(found: Table) -> set[tuple[str, str]]:
    return {place for place, effect in effects(found).items() if effect is Effect.UNDECIDED}


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"StringMatches": {"sts:ExternalId": ID}}, "the condition operator StringMatches cannot be evaluated here"),
        ({"BinaryEquals": {"sts:ExternalId": ID}}, "the condition operator BinaryEquals cannot be evaluated here"),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "the condition operator IpAddress cannot be evaluated here"),
        (
            {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}},
            "the condition operator DateLessThan cannot be evaluated here",
        ),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "the value of the condition key aws:PrincipalOrgID in such"),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, "the value of the condition key aws:RequestedRegion"),
        ({"StringEquals": {"kms:CallerAccount": "1"}}, "the value of the condition key kms:CallerAccount in such"),
        (
            {"StringEquals": {"aws:PrincipalArn": "${aws:PrincipalTag/a}"}},
            "the condition StringEquals aws:PrincipalArn contains a policy variable",
        ),
        ({"ArnLike": {"aws:PrincipalArn": "*"}}, "a value of ArnLike aws:PrincipalArn is not a complete ARN"),
        ({"Bool": {"aws:SecureTransport": "yes"}}, "the values of Bool aws:SecureTransport are not true or false"),
        ({"Null": {"sts:ExternalId": ["true", "false"]}}, "the values of Null sts:ExternalId are not true or false"),
        ({"StringEquals": {"sts:ExternalId": 7}}, "the values of StringEquals sts:ExternalId are not strings"),
        ({"StringEquals": {"sts:ExternalId": []}}, "the values of StringEquals sts:ExternalId are not strings"),
        ({"StringEquals": "text"}, "its Condition is malformed"),
        (["text"], "its Condition is malformed"),
    ],
)
def test_a_condition_that_cannot_be_decided_leaves_those_undecided_whom_it_is_about(
    condition: Any, reason: str
) -> None:
    both = {**condition, **RIGHT_ID} if isinstance(condition, dict) and "StringEquals" not in condition else condition
    found = table(with_trust(lambda statement: statement.update(Condition=both)))
    decided = found.of("pinecone/us-east-1", ASSUME)
    assert decided.effect is Effect.UNDECIDED
    assert decided.reason.startswith("statement AllowPineconeToAssumeTheRole of the trust policy: ")
    assert reason in decided.reason
    assert {who for who, _ in undecided(found)} == {"pinecone/us-east-1", "pinecone/us-west-2"}


def test_a_condition_that_cannot_be_decided_does_not_hide_one_that_can() -> None:
    both = {**RIGHT_ID, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    found = table(with_trust(lambda statement: statement.update(Condition=both)))
    assert undecided(found) == {("pinecone/us-east-1", ASSUME), ("pinecone/us-west-2", ASSUME)}


def test_a_denial_that_cannot_be_decided_leaves_undecided_what_would_be_allowed() -> None:
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
    }
    found = table(with_key(lambda statements: statements.append(denial)))
    assert found.of(OURS, "key kms:Decrypt").effect is Effect.UNDECIDED
    assert found.of(OURS, "key kms:Decrypt").reason.startswith("statement 6 of the key policy: the value of")
    assert found.of("stranger", "key kms:Decrypt").effect is Effect.DENY
    certain = found.of("administrator/role/KeyAdmins", "key kms:Decrypt")
    assert (certain.effect, certain.explicit) == (Effect.DENY, True)


def test_not_principal_is_undecided_for_all_but_those_who_are_allowed_anyway() -> None:
    def change(statements: list[Any]) -> None:
        statements[3].pop("Principal")
        statements[3]["NotPrincipal"] = {"AWS": ROLE}

    found = table(with_key(change))
    assert found.of("stranger", "key kms:Decrypt").effect is Effect.UNDECIDED
    assert found.of("account/root", "key kms:Decrypt").effect is Effect.ALLOW
    assert found.of("stranger", "key kms:PutKeyPolicy").effect is Effect.DENY


@pytest.mark.parametrize(
    ("principal", "reason"),
    [
        (
            {"AWS": "arn:aws:iam::998877665544:role/pinecone_cmek_access_*"},
            "which is not a principal that can be evaluated",
        ),
        ({"AWS": 12}, "AWS rejects a trust policy with a statement without a valid Principal"),
        ("arn:aws:iam::998877665544:root", "AWS rejects a trust policy with a statement without a valid Principal"),
        (None, "AWS rejects a trust policy with a statement without a valid Principal"),
    ],
)
def test_a_principal_that_aws_would_not_take_is_undecided(principal: Any, reason: str) -> None:
    found = table(with_trust(lambda statement: statement.update(Principal=principal)))
    decided = found.of("pinecone/us-east-1", ASSUME)
    assert decided.effect is Effect.UNDECIDED
    assert reason in decided.reason


def test_a_principal_in_other_case_is_undecided_for_the_one_it_is_like() -> None:
    other = access_role("us-east-1").replace("pinecone_cmek", "Pinecone_CMEK")
    found = table(with_trust(lambda statement: statement.update(Principal={"AWS": other})))
    assert {who for who, _ in undecided(found)} == {"pinecone/us-east-1"}
    assert "differs in case from" in found.of("pinecone/us-east-1", ASSUME).reason


def test_a_session_that_is_named_leaves_its_role_undecided_and_the_others_as_they_are() -> None:
    session = "arn:aws:sts::998877665544:assumed-role/pinecone_cmek_access_us-east-1/one"
    names = [session, access_role("us-west-2")]
    found = table(with_trust(lambda statement: statement.update(Principal={"AWS": names})))
    assert undecided(found) == {("pinecone/us-east-1", ASSUME)}
    assert found.of("pinecone/us-west-2", ASSUME).effect is Effect.ALLOW


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Effect": "Permit"}, "its Effect is 'Permit'"),
        ({"Principals": "*"}, "Principals is not an element of a statement"),
        ({"Resource": "*"}, "AWS rejects a trust policy with a Resource"),
        ({"NotAction": "sts:TagSession"}, "it has both Action and NotAction"),
        ({"Action": []}, "its Action is neither a string nor a list of strings"),
        ({"Action": "${x}"}, "its Action contains a policy variable"),
    ],
)
def test_a_statement_that_aws_would_not_take_is_undecided(change: dict[str, Any], reason: str) -> None:
    found = table(with_trust(lambda statement: statement.update(change)))
    assert found.of("pinecone/us-east-1", ASSUME).reason.endswith(reason)


def test_a_statement_without_an_action_is_undecided_in_a_trust_policy() -> None:
    found = table(with_trust(lambda statement: statement.pop("Action")))
    assert found.of("pinecone/us-east-1", ASSUME).reason.endswith("it has no Action")


def test_a_statement_that_is_no_object_is_undecided() -> None:
    found = table(world(trust={"Version": "2012-10-17", "Statement": ["text"]}))
    assert found.of("stranger", ASSUME).effect is Effect.UNDECIDED


def test_a_permissions_policy_pasted_for_a_trust_policy_lets_nobody_in() -> None:
    # What Pinecone's page asks for by mistake.
    pasted = {"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "arn:aws:kms:*:1:key/*"}
    found = table(world(trust=document(pasted)))
    assert {effect.value for (_, asked), effect in effects(found).items() if asked == ASSUME} == {"deny"}


def test_a_resource_with_a_policy_variable_is_undecided() -> None:
    found = table(with_key(lambda statements: statements[3].update(Resource="${aws:ResourceAccount}")))
    assert found.of(OURS, "key kms:Decrypt").effect is Effect.UNDECIDED


def test_a_key_policy_that_is_not_known_is_undecided_wherever_aws_has_no_rule_of_its_own() -> None:
    policies = world()
    found = table(replace(policies, keys=(replace(policies.keys[0], document=None),)))
    assert found.of(OURS, "key kms:Decrypt").reason == "the key policy: its content is unknown"
    assert found.of("stranger", "key kms:Decrypt").effect is Effect.UNDECIDED
    assert found.of("stranger", "key kms:PutKeyPolicy").effect is Effect.DENY


def test_a_trust_policy_that_is_not_known_is_undecided() -> None:
    found = table(with_role(trust=None))
    assert found.of("pinecone/us-east-1", ASSUME).reason == "the trust policy: its content is unknown"
    assert found.of("pinecone/root", ASSUME).effect is Effect.DENY


def test_a_permissions_policy_that_is_not_known_leaves_the_roles_requests_undecided() -> None:
    found = table(with_role(permissions=(NamedPolicy(name="arn:aws:iam::aws:policy/X", document=None),)))
    decided = found.of(OURS, "key kms:Decrypt")
    assert decided.reason == "the permissions policy arn:aws:iam::aws:policy/X: its content is unknown"
    assert {who for who, _ in undecided(found)} == {OURS}


def test_a_permissions_boundary_that_is_not_known_leaves_the_roles_requests_undecided() -> None:
    found = table(with_role(boundary=NamedPolicy(name="limit", document=None)))
    assert found.of(OURS, "key kms:Decrypt").reason == "the permissions boundary limit: its content is unknown"


@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_a_permissions_policy_with_a_principal_is_undecided(element: str) -> None:
    odd = document({"Effect": "Allow", element: "*", "Action": "kms:PutKeyPolicy", "Resource": "*"})
    found = table(with_role(permissions=(NamedPolicy(name="odd", document=odd),)))
    assert found.of(OURS, "key kms:PutKeyPolicy").reason.endswith("AWS rejects a permissions policy with a Principal")


def test_who_an_aws_service_asks_through_is_not_known() -> None:
    condition = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    found = table(with_key(lambda statements: statements[4].update(Condition=condition)))
    assert found.of(OURS, "key kms:CreateGrant for an AWS service").effect is Effect.UNDECIDED
    assert found.of(OURS, "key kms:CreateGrant").effect is Effect.DENY


def test_every_operator_that_is_asked_about_is_one_that_the_library_knows() -> None:
    assert set(library()._CONDITION_OPS) >= OPERATORS


def test_an_operator_that_the_library_does_not_know_counts_for_it_as_one_that_does_not_match() -> None:
    # Why operators are looked at before the library is asked: a Deny would be lost.
    module = library()
    asked = module.EvalContext("arn", "User", "1", "a:b", "*", "", service_context={"a:key": "x"})
    denial = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringMatches": {"a:key": "x"}}}
    assert module.evaluate(asked, [module.parse_policy_document(document(denial))]).decision == "ImplicitDeny"


def test_every_statement_of_ours_is_certain() -> None:
    policies = world()
    key, trust = policies.keys[0].document, policies.roles[0].trust
    assert key is not None
    assert trust is not None
    known = frozenset({"sts:externalid", "kms:grantisforawsresource"})
    for part, statements in ((Part.KEY, key["Statement"]), (Part.TRUST, trust["Statement"])):
        for each in statements:
            found = examine(each, part=part, known=known, callers=frozenset())
            assert (found.doubts, found.ineffective) == ((), None)
            assert found.best == found.worst


def test_a_role_that_is_not_there_is_refused() -> None:
    policies = world()
    request = Request(on="role/x", name="x", group=Group.ASSUME, action="sts:AssumeRole", words="x", context={})
    with pytest.raises(PolicyError, match="the policies of prod have no role/x"):
        Decider(policies).decide(table(policies).principals[0], request)


def test_the_regions_asked_about_are_all_of_pinecones_and_one_to_come() -> None:
    rows = {each.id for each in table(world(regions="all")).principals}
    assert {f"pinecone/{region}" for region in REGIONS} <= rows


def test_a_session_may_be_of_a_role_under_a_path() -> None:
    caller = "arn:aws:iam::111122223333:role/delegated/dev/KeyAdmin"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/KeyAdmin/one"},
        "Action": "kms:*",
        "Resource": "*",
    }
    found = examine(statement, part=Part.KEY, known=frozenset(), callers=frozenset([caller, f"{caller}2"]))
    assert caller in str(found.best)
    assert f"{caller}2" not in str(found.best)
    assert caller not in str(found.worst)
