import boto3
import pytest

from pinekeep.model.policies.compare import covers
from pinekeep.model.policies.key import GRANT_ACTIONS, USE_ACTIONS, root_statement
from pinekeep.operations.verification.analyzer.queries import (
    ACTIONS_MAX,
    KEY_ADMINISTRATION,
    ROLE_ADMINISTRATION,
    about_key,
    about_trust,
    part_for,
)
from tests.operations.verification.analyzer.conftest import ACCOUNT, KEY, ROLE, TRUST

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/PineconeRole/pinecone"
PATHED = f"arn:aws:iam::{ACCOUNT}:role/delegated/dev/PineconeRole"
ADMIN = {"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "*"}


def test_one_question_takes_no_more_actions_than_aws_allows() -> None:
    assert len(KEY_ADMINISTRATION) <= len(ROLE_ADMINISTRATION) <= ACTIONS_MAX


def test_what_a_key_user_rightly_has_is_not_asked_about() -> None:
    rightly = (*USE_ACTIONS, *GRANT_ACTIONS)
    assert not [each for each in KEY_ADMINISTRATION if any(covers(pattern, each) for pattern in rightly)]


def test_every_action_on_keys_is_one_that_kms_has() -> None:
    known = boto3.client("kms", region_name="us-east-1").meta.service_model.operation_names
    assert {each.partition(":")[2] for each in ROLE_ADMINISTRATION if each.startswith("kms:")} <= set(known)


def test_the_resource_types_are_those_that_the_service_knows() -> None:
    model = boto3.client("accessanalyzer", region_name="us-east-1").meta.service_model
    for question in (*about_trust(TRUST, about="role"), *about_key(KEY, about="key", roles=[ROLE])):
        members = model.operation_model(question.call).input_shape.members
        for name, value in question.arguments.items():
            assert not getattr(members[name], "enum", ()) or value in members[name].enum


@pytest.mark.parametrize("principal", [{"AWS": ROLE}, {"AWS": [ROLE, "arn:x"]}, "*", {"AWS": "*"}, {"AWS": SESSION}])
def test_a_statement_that_lets_in_the_role_is_asked_about(principal: object) -> None:
    statement = {**ADMIN, "Principal": principal}
    part = part_for({"Version": "2008-10-17", "Statement": [root_statement(ACCOUNT), statement]}, roles=[ROLE])
    assert part == {"Version": "2008-10-17", "Statement": [statement]}


def test_a_statement_for_all_but_others_lets_in_the_role() -> None:
    statement = {**ADMIN, "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/Other"}}
    assert part_for({"Statement": statement}, roles=[ROLE]) == {"Version": "2012-10-17", "Statement": [statement]}
    assert part_for({"Statement": {**ADMIN, "NotPrincipal": {"AWS": ROLE}}}, roles=[ROLE]) is None


@pytest.mark.parametrize("principal", [{"AWS": ACCOUNT}, {"AWS": ROLE + "2"}, {"Service": "logs.amazonaws.com"}])
def test_a_statement_for_others_alone_is_not_asked_about(principal: object) -> None:
    assert part_for({"Statement": [{**ADMIN, "Principal": principal}]}, roles=[ROLE]) is None


def test_what_denies_is_kept_because_it_takes_away() -> None:
    allow, deny = {**ADMIN, "Principal": "*"}, {**ADMIN, "Effect": "Deny", "Principal": {"AWS": ROLE}}
    part = part_for({"Statement": [allow, deny]}, roles=[ROLE])
    assert part is not None
    assert part["Statement"] == [allow, deny]
    assert part_for({"Statement": [deny]}, roles=[ROLE]) is None


@pytest.mark.parametrize("principal", [PATHED, SESSION])
def test_a_session_of_a_role_under_a_path_has_no_path_in_its_arn(principal: str) -> None:
    statement = {**ADMIN, "Principal": {"AWS": principal}}
    assert part_for({"Version": "2012-10-17", "Statement": [statement]}, roles=[PATHED]) is not None
