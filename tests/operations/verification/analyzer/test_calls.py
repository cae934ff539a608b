import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.live import Unreadable
from pinekeep.operations.verification.analyzer.calls import NotAnswered, ask
from pinekeep.operations.verification.analyzer.queries import (
    KEY_ADMINISTRATION,
    ROLE_ADMINISTRATION,
    Question,
    about_key,
    about_permissions,
    about_trust,
)
from tests.operations.verification.analyzer.conftest import KEY, ROLE, TRUST, FakeAws, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

IDENTITY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
PLACE: dict[str, Any] = {"line": 1, "column": 0, "offset": 0}


class OneClient:
    def __init__(self) -> None:
        self.stubbed = boto3.client(
            "accessanalyzer", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name == "accessanalyzer"
        return self.stubbed


@pytest.fixture
def stubber() -> "Iterator[tuple[Stubber, Clients]]":
    session = OneClient()
    with Stubber(session.stubbed) as stub:
        yield stub, Clients(session, "us-east-1")
        stub.assert_no_pending_responses()


def text(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def question(call: str = "ValidatePolicy") -> Question:
    (found,) = [each for each in about_key(KEY, about="key", roles=[ROLE]) if each.call == call]
    return found


def test_a_trust_policy_is_validated_as_one_and_checked_for_public_access(stubber: tuple[Stubber, Clients]) -> None:
    stub, clients = stubber
    stub.add_response(
        "validate_policy",
        {"findings": []},
        {
            "policyDocument": text(TRUST),
            "policyType": "RESOURCE_POLICY",
            "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument",
            "locale": "EN",
        },
    )
    stub.add_response(
        "check_no_public_access",
        {"result": "PASS"},
        {"policyDocument": text(TRUST), "resourceType": "AWS::IAM::AssumeRolePolicyDocument"},
    )
    answers = [ask(each, clients=clients) for each in about_trust(TRUST, about="role")]
    assert answers[0] == {"findings": []}
    assert isinstance(answers[1], dict) and answers[1]["result"] == "PASS"


def test_a_key_policy_is_validated_without_a_resource_type_and_its_role_may_not_administer(
    stubber: tuple[Stubber, Clients],
) -> None:
    stub, clients = stubber
    stub.add_response(
        "validate_policy",
        {"findings": []},
        {"policyDocument": text(KEY), "policyType": "RESOURCE_POLICY", "locale": "EN"},
    )
    stub.add_response(
        "check_no_public_access", {"result": "PASS"}, {"policyDocument": text(KEY), "resourceType": "AWS::KMS::Key"}
    )
    part = {
        "Version": "2012-10-17",
        "Statement": [each for each in KEY["Statement"] if each["Sid"] not in ("EnableIamUserPermissions", ADMIN)],
    }
    stub.add_response(
        "check_access_not_granted",
        {"result": "PASS"},
        {
            "policyDocument": text(part),
            "policyType": "RESOURCE_POLICY",
            "access": [{"actions": list(KEY_ADMINISTRATION)}],
        },
    )
    for each in about_key(KEY, about="key", roles=[ROLE]):
        assert isinstance(ask(each, clients=clients), dict)


ADMIN = "AllowAccessForKeyAdministrators"


def test_a_permissions_policy_is_asked_about_as_an_identity_policy(stubber: tuple[Stubber, Clients]) -> None:
    stub, clients = stubber
    stub.add_response(
        "validate_policy",
        {"findings": []},
        {"policyDocument": text(IDENTITY), "policyType": "IDENTITY_POLICY", "locale": "EN"},
    )
    stub.add_response(
        "check_access_not_granted",
        {"result": "PASS"},
        {
            "policyDocument": text(IDENTITY),
            "policyType": "IDENTITY_POLICY",
            "access": [{"actions": list(ROLE_ADMINISTRATION)}],
        },
    )
    for each in about_permissions(IDENTITY, about="policy"):
        assert isinstance(ask(each, clients=clients), dict)


def test_every_page_of_findings_is_read(stubber: tuple[Stubber, Clients]) -> None:
    stub, clients = stubber
    span = {"start": PLACE, "end": PLACE}
    found = {
        "findingType": "SUGGESTION",
        "findingDetails": "details",
        "learnMoreLink": "https://docs.aws.amazon.com",
        "locations": [{"path": [{"value": "Statement"}, {"index": 0}], "span": span}],
    }
    sent = {"policyDocument": text(KEY), "policyType": "RESOURCE_POLICY", "locale": "EN"}
    stub.add_response("validate_policy", {"findings": [{**found, "issueCode": "A"}], "nextToken": "more"}, sent)
    stub.add_response("validate_policy", {"findings": [{**found, "issueCode": "B"}]}, {**sent, "nextToken": "more"})
    answer = ask(question(), clients=clients)
    assert isinstance(answer, dict)
    assert [each["issueCode"] for each in answer["findings"]] == ["A", "B"]


def test_pages_without_end_are_told_and_not_read_for_ever() -> None:
    aws = FakeAws(answers={"validate_policy": {"findings": [], "nextToken": "again"}})
    assert ask(question(), clients=Clients(aws, "us-east-1")) == {"findings": [], "more": True}
    assert len(aws.calls) == 21


@pytest.mark.parametrize("call", ["ValidatePolicy", "CheckNoPublicAccess", "CheckAccessNotGranted"])
def test_a_missing_permission_is_named(stubber: tuple[Stubber, Clients], call: str) -> None:
    stub, clients = stubber
    operation = {"ValidatePolicy": "validate_policy", "CheckNoPublicAccess": "check_no_public_access"}
    stub.add_client_error(operation.get(call, "check_access_not_granted"), "AccessDeniedException", "no")
    permission = f"access-analyzer:{call}"
    assert ask(question(call), clients=clients) == Unreadable(permission, f"allow {permission} to whoever runs this")


def test_the_policy_that_forbids_is_told() -> None:
    said = "not authorized to perform: access-analyzer:ValidatePolicy with an explicit deny in a service control policy"
    answer = told(refusal("AccessDeniedException", said))
    assert isinstance(answer, Unreadable)
    assert answer.permission == "access-analyzer:ValidatePolicy"
    assert "service control policy" in answer.reason


def told(answer: Any, *, region: str = "us-east-1") -> Any:
    aws = FakeAws(answers={"validate_policy": answer})
    return ask(question(), clients=Clients(aws, region))


@pytest.mark.parametrize("code", ["UnprocessableEntityException", "InvalidParameterException", "ValidationException"])
def test_a_policy_that_aws_cannot_analyze_is_told_with_aws_reason(code: str) -> None:
    answer = told(refusal(code, "the policy is odd."))
    assert isinstance(answer, NotAnswered)
    assert answer.reason == f"AWS cannot analyze this policy ({code}): the policy is odd"
    assert "ValidatePolicy" in answer.fix


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ThrottlingException", "asked too often"),
        ("InternalServerException", "AWS refuses ValidatePolicy (InternalServerException)"),
        ("ExpiredTokenException", "expired"),
        ("SomethingNew", "SomethingNew"),
    ],
)
def test_other_refusals_are_told_with_what_to_do(code: str, words: str) -> None:
    answer = told(refusal(code))
    assert isinstance(answer, NotAnswered)
    assert words in answer.reason
    assert answer.fix


def raising(error: Exception) -> Any:
    def call(**_: Any) -> Any:
        raise error

    return call


def test_a_region_without_the_service_is_told_as_that() -> None:
    error = EndpointConnectionError(endpoint_url="https://access-analyzer.xx-north-9.amazonaws.com")
    answer = told(raising(error), region="xx-north-9")
    assert isinstance(answer, NotAnswered)
    assert answer.reason == "the AWS SDK knows of no IAM Access Analyzer in xx-north-9"
    assert "without --access-analyzer" in answer.fix


def test_a_region_with_the_service_that_cannot_be_reached_is_told_as_a_matter_of_the_network() -> None:
    answer = told(raising(EndpointConnectionError(endpoint_url="https://access-analyzer.us-east-1.amazonaws.com")))
    assert isinstance(answer, NotAnswered)
    assert "cannot be reached" in answer.reason
    assert "network" in answer.fix


def test_missing_credentials_are_told() -> None:
    assert "no AWS credentials" in told(raising(NoCredentialsError())).reason


def test_a_mistake_of_our_own_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        told(raising(ZeroDivisionError()))
