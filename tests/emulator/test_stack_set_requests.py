"""Requests of StackSets against the service's model, sent past botocore's own validation; and its answers."""

import http.client
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import get_session

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.stack_sets_support import Administrator, template

Send = Callable[..., tuple[int, str, str]]
PROVIDED = [
    "ActivateOrganizationsAccess",
    "CreateStackInstances",
    "CreateStackSet",
    "DeactivateOrganizationsAccess",
    "DeleteStackInstances",
    "DeleteStackSet",
    "DescribeOrganizationsAccess",
    "DescribeStackInstance",
    "DescribeStackSet",
    "DescribeStackSetOperation",
    "DetectStackSetDrift",
    "ListStackInstanceResourceDrifts",
    "ListStackInstances",
    "ListStackSetAutoDeploymentTargets",
    "ListStackSetOperationResults",
    "ListStackSetOperations",
    "ListStackSets",
    "StopStackSetOperation",
    "UpdateStackInstances",
    "UpdateStackSet",
]
MISSING = ["ImportStacksToStackSet"]


@pytest.fixture
def send(embedded_aws: EmbeddedAws) -> Send:
    """Send a form as it is. Returns the status, the error's code and its message."""

    def sent(action: str, **form: str) -> tuple[int, str, str]:
        body = urlencode({"Action": action, "Version": "2010-05-15", **form})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        request = AWSRequest("POST", embedded_aws.endpoint_url, data=body, headers=headers)
        SigV4Auth(embedded_aws.session().get_credentials(), "cloudformation", "us-east-1").add_auth(request)
        connection = http.client.HTTPConnection(urlsplit(embedded_aws.endpoint_url).netloc)
        connection.request("POST", "/", body, dict(request.headers))
        answer = connection.getresponse()
        found = dict(re.findall(r"<(Code|Message)>([^<]*)</", answer.read().decode()))
        return answer.status, found.get("Code", ""), unescape(found.get("Message", ""))

    return sent


@pytest.mark.parametrize(
    ("action", "form", "text"),
    [
        ("DescribeStackSet", {"StackSetName": "n", "Unheard": "x"}, "unknown member 'Unheard' at 'the request'"),
        ("DescribeStackSet", {}, 'Missing required parameter in input: "StackSetName"'),
        ("DescribeStackSet", {"StackSetName": "n", "CallAs": "ROOT"}, "enum value set: [SELF, DELEGATED_ADMIN]"),
        (
            "ListStackInstances",
            {"StackSetName": "n", "MaxResults": "many"},
            "Value 'many' at 'MaxResults' is no number",
        ),
        ("ListStackInstances", {"StackSetName": "n", "MaxResults": "101"}, "at most 100"),
        ("ListStackInstances", {"StackSetName": "n", "MaxResults": "0"}, "valid min value: 1"),
        (
            "ListStackInstances",
            {"StackSetName": "n", "Filters.member.1.Name": "DRIFT_STATUS", "Filters.member.1.Value": "DRIFTED"},
            "unknown member 'Value' at 'Filters.1'",
        ),
        (
            "CreateStackInstances",
            {"StackSetName": "n", "Regions.member.1": "us-east-1", "Accounts.1": "444455556666"},
            "unknown members at 'Accounts': 1",
        ),
        (
            "CreateStackInstances",
            {"StackSetName": "n", "Regions.member.1": "us-east-1", "Accounts.member.1": "4444"},
            "regular expression pattern: ^[0-9]{12}$",
        ),
        (
            "CreateStackInstances",
            {"StackSetName": "n", "Regions.member.1": "us-east-1", "Accounts.member.first": "444455556666"},
            "unknown members at 'Accounts': first",
        ),
        (
            "CreateStackInstances",
            {"StackSetName": "n", "Regions": "us-east-1", "Regions.member.1": "us-east-1"},
            "unknown member 'Regions.'",
        ),
        (
            "CreateStackInstances",
            {"StackSetName": "n", "Regions": "us-east-1"},
            "Value 'us-east-1' at 'Regions' is no list",
        ),
        (
            "DeleteStackInstances",
            {"StackSetName": "n", "Regions.member.1": "us-east-1", "RetainStacks": "perhaps"},
            "Value 'perhaps' at 'RetainStacks' is neither true nor false",
        ),
        (
            "CreateStackInstances",
            {
                "StackSetName": "n",
                "Regions.member.1": "us-east-1",
                "OperationPreferences.MaxConcurrent": "1",
            },
            "unknown member 'MaxConcurrent' at 'OperationPreferences'",
        ),
        ("StopStackSetOperation", {"StackSetName": "n", "OperationId": "-"}, "[a-zA-Z0-9][-a-zA-Z0-9]*"),
    ],
)
def test_what_the_model_excludes_is_refused(send: Send, action: str, form: dict[str, str], text: str) -> None:
    status, code, message = send(action, **form)
    assert (status, code) == (400, "ValidationError")
    assert text in message
    assert "detected: " in message


def test_all_that_is_wrong_is_told_at_once(send: Send) -> None:
    _, _, message = send("ListStackInstances", StackSetName="n", MaxResults="x", Unheard="y", CallAs="z")
    assert message.startswith("3 validation errors detected: ")


def test_every_call_of_stack_sets_is_provided_or_named_as_missing(send: Send) -> None:
    names = get_session().get_service_model("cloudformation").operation_names
    about = {each for each in names if "StackSet" in each or "StackInstance" in each or "OrganizationsAccess" in each}
    assert about == {*PROVIDED, *MISSING}
    for each in MISSING:
        assert send(each, Unheard="x")[1] == "InvalidAction"
    for each in PROVIDED:
        assert "unknown member 'Unheard'" in send(each, Unheard="x")[2]


def test_a_refusal_has_the_status_of_the_model(fleet: Administrator, send: Send) -> None:
    assert send("DescribeStackSet", StackSetName="unknown")[:2] == (404, "StackSetNotFoundException")
    fleet.create("requests")
    form = {"StackSetName": "requests", "TemplateBody": template(), "Parameters.member.1.ParameterKey": "Name"}
    form |= {"Parameters.member.1.ParameterValue": "n"}
    assert send("CreateStackSet", **form)[:2] == (409, "NameAlreadyExistsException")
    fleet.client.delete_stack_set(StackSetName="requests")
