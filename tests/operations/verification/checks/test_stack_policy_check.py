"""The policy of the stack of key and role."""

import json
from typing import TYPE_CHECKING

import pytest

from pinekeep.model.policies.stack import keep_statement, stack_policy

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

CHECK = "cmek-stack-policy"


@pytest.mark.parametrize("text", [None, "", "no JSON"])
def test_a_stack_without_a_policy_fails_and_says_what_sets_it(world: "World", text: str | None) -> None:
    wrong = world.when(stack_policy=text)
    assert wrong.failure(CHECK) == "the stack has no stack policy"
    assert wrong.failures() == {CHECK}
    assert str(wrong.finding(CHECK).fix).startswith("pinekeep deploy --deployment prod sets it")
    assert "may replace the role or the key" in str(wrong.finding(CHECK).meaning)


def test_what_the_policy_does_not_deny_is_named(world: "World") -> None:
    statement = {**keep_statement(), "Action": "Update:Replace"}
    told = world.when(stack_policy=json.dumps({"Statement": [statement]})).failure(CHECK)
    assert told == (
        "nothing denies Update:Delete of AWS::IAM::Role; nothing denies Update:Delete of AWS::KMS::Key; "
        "nothing denies Update:Delete of AWS::KMS::Alias"
    )


def test_a_policy_that_says_more_passes(world: "World") -> None:
    more = {"Effect": "Deny", "Principal": "*", "Action": "Update:*", "Resource": "LogicalResourceId/EncryptionKey"}
    assert world.when(stack_policy=json.dumps(stack_policy({"Statement": [more]}))).failures() == set()


def test_without_a_stack_its_policy_is_not_told(world: "World") -> None:
    gone = world.when(cmek_stack=None, stack_policy=None)
    assert not [each for each in gone.findings() if each.check == CHECK]
