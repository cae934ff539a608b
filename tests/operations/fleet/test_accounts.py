"""The accounts of a fleet by a role in each: assumed once, renewed in time, refused with what to do."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.fleet.accounts import TargetAccounts
from tests.operations.fleet.handoff_support import target


class Administrator(Clients):
    """The administrator's clients, which may assume the role in all accounts but one."""

    def __init__(self) -> None:
        self.region = "us-east-1"
        self.assumed: list[str] = []

    def client(self, service: str) -> Any:
        assert service == "sts"
        return self

    def assume_role(self, **asked: str) -> Any:
        self.assumed.append(asked["RoleArn"])
        if ":000000000002:" in asked["RoleArn"]:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")
        keys = {"AccessKeyId": f"A{len(self.assumed)}", "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": keys}


def test_a_role_is_assumed_once_for_all_regions_of_an_account_and_renewed_in_time() -> None:
    now = [0.0]
    administrator = Administrator()
    accounts = TargetAccounts(administrator, "Reader", fix="create it", clock=lambda: now[0])
    first, second = target(1), target(1, "eu-west-1")
    assert accounts.clients_for(first).credentials().access_key == "A1"
    assert accounts.clients_for(second).region == "eu-west-1"
    assert administrator.assumed == ["arn:aws:iam::000000000001:role/Reader"]
    now[0] = 3000.0
    assert accounts.clients_for(first).credentials().access_key == "A2"
    assert len(administrator.assumed) == 2


def test_a_role_that_cannot_be_assumed_says_what_to_do() -> None:
    accounts = TargetAccounts(Administrator(), "Reader", fix="create it")
    with pytest.raises(AwsRefusedError) as caught:
        accounts.clients_for(target(2))
    assert caught.value.message == "the role arn:aws:iam::000000000002:role/Reader cannot be assumed"
    assert caught.value.hint == "create it"
