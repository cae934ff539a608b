"""What AWS says when a stack fails, and what it means."""

import re

import pytest

from pinekeep.model.facts.stack_failures import FAILURES, explained

SAID = {
    "trusted-role-missing": 'Resource handler returned message: "Invalid principal in policy: "AWS":"arn:aws:iam::'
    '740000000001:role/pinecone_cmek_access_sa-east-1" (Service: Iam, Status Code: 400)"',
    "key-user-not-visible": "Policy contains a statement with one or more invalid principals. (Service: Kms, Status "
    "Code: 400) MalformedPolicyDocumentException",
    "key-policy-locks-out": "The new key policy will not allow you to update the key policy in the future.",
    "denied-by-stack-policy": "Action denied by stack policy: Statement [#1] does not allow [Update:*] for "
    "resource [LogicalResourceId/EncryptionKey]",
    "private-name-taken": "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
    "*.private.aped-4627-b74a.pinecone.io in the VPC vpc-1",
    "zone-not-served": "The VPC endpoint service com.amazonaws.vpce.us-east-1.vpce-svc-1 does not support the "
    "availability zone of the subnet: subnet-1.",
    "already-exists": "An alias with the name arn:aws:kms:us-east-1:111122223333:alias/a already exists",
    "quota": "Cannot exceed quota for RolesPerAccount: 1000 (Service: Iam, Status Code: 409) LimitExceeded",
    "execution-role": "User: arn:aws:sts::111122223333:assumed-role/cdk-exec/x is not authorized to perform: "
    "kms:CreateKey",
    "session-ended": "The security token included in the request is expired",
    "obsolete-change-set": "ChangeSet cannot be executed in its current status of OBSOLETE",
    "stack-busy": "Stack:arn:x is in UPDATE_IN_PROGRESS state and can not be updated.",
    "no-way-there": "connect ECONNREFUSED 127.0.0.1:4566",
}


@pytest.mark.parametrize("name", [each.name for each in FAILURES])
def test_what_aws_says_is_known_for_what_it_is(name: str) -> None:
    found = explained(SAID[name])
    assert found is not None
    assert found.name == name


def test_what_nobody_has_foreseen_is_not_explained() -> None:
    assert explained("Internal error reticulating splines") is None


@pytest.mark.parametrize("failure", FAILURES, ids=lambda each: each.name)
def test_each_is_told_in_house_style(failure: object) -> None:
    assert isinstance(failure, type(FAILURES[0]))
    for text in (failure.means, failure.hint):
        assert text
        assert not text.endswith(".")
        assert not re.search(r"\s{2}|\n", text)


def test_a_resource_that_is_not_found_is_no_matter_of_the_network() -> None:
    assert explained("ResourceNotFoundException: The specified log group does not exist") is None
