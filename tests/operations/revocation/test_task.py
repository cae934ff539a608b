"""Small changes that are all tried."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from pinekeep.operations.revocation.task import Step, Task, carry_out


def fail_with(error: Exception) -> Task:
    def act() -> None:
        raise error

    return Task(Step("role a", "denied everything", "planned"), act)


def test_one_that_aws_refuses_keeps_no_other_from_being_made() -> None:
    made: list[str] = []
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutRolePolicy")
    cut = EndpointConnectionError(endpoint_url="https://kms.us-east-1.amazonaws.com")
    good = Task(Step("role b", "denied everything", "planned", "why"), lambda: made.append("b"))
    first, second, third = carry_out([fail_with(refused), fail_with(cut), good])
    assert (first.status, second.status) == ("failed", "failed")
    assert "allow PutRolePolicy" in str(first.detail)
    assert "cannot be reached" in str(second.detail)
    assert third == Step("role b", "denied everything", "done", "why")
    assert made == ["b"]


def test_what_is_so_already_is_left_as_it_is() -> None:
    step = Step("role a", "denied everything", "already")
    assert carry_out([Task(step)]) == [step]
    assert carry_out([]) == []


def test_a_fault_of_ours_is_not_taken_for_a_refusal() -> None:
    with pytest.raises(KeyError):
        carry_out([fail_with(KeyError("x"))])
