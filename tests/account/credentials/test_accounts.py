"""Whose account the credentials are of, and clients that are shared."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.accounts import Accounts, shared
from pinekeep.account.credentials.identity import Caller
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from tests.account.fake_aws import FakeAws, deployment

OTHER = deployment().model_copy(update={"account": "444455556666"})
OURS = Caller(account="111122223333", arn="arn:aws:iam::111122223333:user/somebody")


class Asked:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self, _: Deployment) -> Caller:
        self.times += 1
        return OURS


def test_an_account_that_an_answer_told_is_not_asked_for() -> None:
    asked = Asked()
    Accounts(asked).require("prod", deployment(), seen="111122223333")
    assert asked.times == 0


def test_without_an_answer_aws_is_asked_once_for_all() -> None:
    asked = Asked()
    accounts = Accounts(asked)
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(accounts.require, f"d{number}", deployment(), seen=None) for number in range(20)]
        assert [each.result() for each in done] == [None] * 20
    assert asked.times == 1


@pytest.mark.parametrize("seen", [None, "111122223333"])
def test_another_account_is_refused_with_whose_credentials_they_are(seen: str | None) -> None:
    with pytest.raises(AwsRefusedError, match=r"for 111122223333 \(arn:aws:iam::111122223333:user/somebody\)"):
        Accounts(Asked()).require("prod", OTHER, seen=seen)


def test_each_profile_is_asked_for_itself() -> None:
    asked = Asked()
    accounts = Accounts(asked)
    for profile in (None, "a", "b", "a"):
        accounts.require("prod", deployment().model_copy(update={"profile": profile}), seen=None)
    assert asked.times == 3


def test_clients_are_made_once_for_each_region_with_the_same_credentials() -> None:
    made: list[str] = []

    def clients_for(each: Deployment) -> Clients:
        made.append(f"{each.account} {each.region}")
        return Clients(FakeAws(), each.region)

    get = shared(clients_for)
    here = deployment()
    there = here.model_copy(update={"region": "us-west-2"})
    other = here.model_copy(update={"account": "444455556666"})
    profile = here.model_copy(update={"profile": "stage"})
    assert get(here) is get(deployment(dns="none"))
    assert len({id(get(each)) for each in (here, there, other, profile)}) == 4
    assert made == [
        "111122223333 us-east-1",
        "111122223333 us-west-2",
        "444455556666 us-east-1",
        "111122223333 us-east-1",
    ]
