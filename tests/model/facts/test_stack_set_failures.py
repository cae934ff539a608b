"""What AWS says when an instance of a stack set fails, and what it means."""

import re

import pytest

from pinekeep.model.facts.stack_set_failures import FAILURES, explained_instance

SAID = {
    "administration-role": "Account 111122223333 should have 'AWSCloudFormationStackSetAdministrationRole' role with "
    "trust relationship to CloudFormation service.",
    "execution-role-missing": "Account 444455556666 should have 'AWSCloudFormationStackSetExecutionRole' role with "
    "trust relationship to Role 'AWSCloudFormationStackSetAdministrationRole'.",
    "organization-denies": "User: arn:aws:sts::444455556666:assumed-role/stacksets-exec-1/x is not authorized to "
    "perform: kms:CreateKey with an explicit deny in a service control policy",
    "account-suspended": "ACCOUNT_SUSPENDED",
    "region-disabled": "STS is not activated in this region for account:444455556666. Your account administrator can "
    "activate STS in this region using the IAM Console.",
    "stack-left-over": "Stack:arn:aws:cloudformation:us-east-1:444455556666:stack/StackSet-a/b is in ROLLBACK_COMPLETE "
    "state and can not be updated.",
    "already-exists": "ResourceLogicalId:Role, ResourceType:AWS::IAM::Role, ResourceStatusReason:pinekeep-search "
    "already exists.",
    "termination-protection": "Stack [StackSet-a] cannot be deleted while TerminationProtection is enabled",
    "cancelled": "Cancelled since failure tolerance has exceeded",
}
OF_ANY_STACK = {
    "key-user-not-visible": "ResourceLogicalId:Key, ResourceType:AWS::KMS::Key, ResourceStatusReason:Resource handler "
    'returned message: "Policy contains a statement with one or more invalid principals. (Service: Kms)"',
    "execution-role": "User: arn:aws:sts::444455556666:assumed-role/r/x is not authorized to perform: kms:CreateKey",
}


def test_every_failure_has_its_words() -> None:
    assert list(SAID) == [each.name for each in FAILURES]


@pytest.mark.parametrize(("name", "said"), [*SAID.items(), *OF_ANY_STACK.items()], ids=[*SAID, *OF_ANY_STACK])
def test_what_aws_says_is_known_for_what_it_is(name: str, said: str) -> None:
    found = explained_instance(said)
    assert found is not None
    assert found.name == name


def test_what_nobody_has_foreseen_is_not_explained() -> None:
    assert explained_instance("Internal error reticulating splines") is None


@pytest.mark.parametrize("name", [each.name for each in FAILURES])
def test_each_is_told_in_house_style(name: str) -> None:
    failure = next(each for each in FAILURES if each.name == name)
    for text in (failure.means, failure.hint):
        assert text
        assert not text.endswith(".")
        assert not re.search(r"\s{2}|\n", text)
