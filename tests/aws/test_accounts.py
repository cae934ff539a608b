"""Whose account the credentials are of, and clients that are shared."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pinekeep.aws.accounts import Accounts
from pinekeep.aws.clients import Clients
from pinekeep.aws.identity import Caller
from pinekeep.aws.shared import shared
from pinekeep.config import Deployment
from pinekeep.errors import AwsRefusedError
from tests.aws.fake_aws import FakeAws, deployment

OURS = Caller(account="111122223333", arn="arn:aws:iam::111122223333:user/somebody")


class Asked:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Caller:
        self.times += 1
        return OURS


def test_an_account_that_an_answer_told_is_not_asked_for() -> None:
    asked = Asked()
    Accounts(asked).require(account="111122223333", deployment="prod", seen="111122223333")
    assert asked.times == 0


def test_without_an_answer_aws_is_asked_once_for_all() -> None:
    asked = Asked()
    accounts = Accounts(asked)
    with ThreadPoolExecutor(8) as pool:
        done = [
            pool.submit(accounts.require, account="111122223333", deployment=f"d{number}", seen=None)
            for number in range(20)
        ]
        assert [each.result() for each in done] == [None] * 20
    assert asked.times == 1


@pytest.mark.parametrize("seen", [None, "111122223333"])
def test_another_account_is_refused_with_whose_credentials_they_are(seen: str | None) -> None:
    with pytest.raises(AwsRefusedError, match=r"for 111122223333 \(arn:aws:iam::111122223333:user/somebody\)"):
        Accounts(Asked()).require(account="444455556666", deployment="prod", seen=seen)


def test_clients_are_made_once_for_each_account_and_region() -> None:
    made: list[str] = []

    def clients_for(each: Deployment) -> Clients:
        made.append(f"{each.account} {each.region}")
        return Clients(FakeAws(), each.region)

    get = shared(clients_for)
    here = deployment()
    there = here.model_copy(update={"region": "us-west-2"})
    other = here.model_copy(update={"account": "444455556666"})
    assert get(here) is get(deployment(dns="none"))
    assert len({id(get(each)) for each in (here, there, other)}) == 3
    assert made == ["111122223333 us-east-1", "111122223333 us-west-2", "444455556666 us-east-1"]
