from typing import Any

import pytest

from bench.fleet_accounts import FleetAws, fleet_of
from pinekeep.account.client.clients import Clients
from pinekeep.account.client.delegated import NOBODY, DelegatedClients
from pinekeep.account.credentials.sessions import clients_of_nobody

FIRST, SECOND = "200000000000", "200000000001"


def keys_of(account: str) -> dict[str, str]:
    return {"AccessKeyId": f"ASIA{account}", "SecretAccessKey": "x", "SessionToken": "x"}


@pytest.fixture
def aws() -> FleetAws:
    return FleetAws(fleet_of(2), reuse=True)


def test_each_account_signs_with_its_own_credentials_over_one_client(aws: FleetAws) -> None:
    made: list[str] = []

    def clients_for(region: str) -> Clients:
        made.append(region)
        return aws.shared(region)

    delegated = DelegatedClients(clients_for)
    arns = [
        delegated.of("us-east-1", keys_of(each)).client("iam").get_role(RoleName="pinekeep-search")["Role"]["Arn"]
        for each in (FIRST, SECOND, FIRST)
    ]
    assert [each.split(":")[4] for each in arns] == [FIRST, SECOND, FIRST]
    assert aws.keys == {f"ASIA{FIRST}", f"ASIA{SECOND}"}
    assert made == ["us-east-1"]


def test_the_accounts_share_the_connections_of_a_region_and_no_others(aws: FleetAws) -> None:
    delegated = DelegatedClients(aws.shared)
    first, second = (delegated.of("us-east-1", keys_of(each)) for each in (FIRST, SECOND))
    assert first.client("kms")._endpoint is second.client("kms")._endpoint
    assert first.in_region("eu-west-1").client("kms")._endpoint is not first.client("kms")._endpoint
    assert first.in_region("us-east-1") is first
    assert first.in_region("eu-west-1").credentials().access_key == f"ASIA{FIRST}"


def test_a_request_has_the_user_agent_that_botocore_composes_and_says_pinekeep(aws: FleetAws) -> None:
    seen: list[Any] = []
    client = DelegatedClients(aws.shared).of("us-east-1", keys_of(FIRST)).client("kms")
    client.meta.events.register("before-send", lambda request, **_: seen.append(request.headers["User-Agent"]))
    client.list_grants(KeyId="k", Limit=1)
    agent = seen[0].decode() if isinstance(seen[0], bytes) else seen[0]
    assert agent.startswith("Boto3/")
    assert "pinekeep/" in agent


def test_what_no_account_signs_is_signed_with_a_key_that_aws_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    found = clients_of_nobody("us-east-1")
    assert found.credentials().access_key == NOBODY
    assert found.client("kms").meta.config.retries["mode"] == "standard"


def test_a_client_that_is_not_botocores_is_returned_as_it_is() -> None:
    class Session:
        def client(self, service_name: str, **_: Any) -> Any:
            return (service_name, self)

    session = Session()
    delegated = DelegatedClients(lambda region: Clients(session, region))
    assert delegated.of("us-east-1", keys_of(FIRST)).client("kms") == ("kms", session)
