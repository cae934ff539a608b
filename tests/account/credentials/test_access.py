"""Whose credentials are taken for each deployment."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.deploy_role import as_deploy_role
from pinekeep.account.credentials.identity import Caller, WrongAccountError, require_account, who_am_i
from pinekeep.account.credentials.source import Source, source_of_the_user
from pinekeep.errors import AwsRefusedError, WrongInputError
from pinekeep.model.config import Deployment
from tests.account.fake_aws import deployment

CENTRAL, DEV, PROD = "999988887777", "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{PROD}:role/Deployer"
LOOKUP = f"arn:aws:iam::{PROD}:role/cdk-hnb659fds-lookup-role-{PROD}-us-east-1"
DEPLOY = f"arn:aws:iam::{PROD}:role/cdk-hnb659fds-deploy-role-{PROD}-us-east-1"


@dataclass
class Sts:
    """STS as one set of credentials sees it."""

    account: str
    assumable: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)

    def client(self, service_name: str, **_: Any) -> "Sts":
        assert service_name == "sts"
        return self

    def get_caller_identity(self) -> Mapping[str, str]:
        self.calls.append("who")
        return {"Account": self.account, "Arn": f"arn:aws:iam::{self.account}:user/ann"}

    def assume_role(self, *, RoleArn: str, RoleSessionName: str) -> Mapping[str, Any]:  # noqa: N803
        self.calls.append(RoleArn)
        if RoleArn not in self.assumable:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")
        account, name = RoleArn.split(":")[4], RoleArn.rpartition("/")[2]
        return {
            "Credentials": {
                "AccessKeyId": f"of {name}",
                "SecretAccessKey": "s",
                "SessionToken": "t",
                "Expiration": datetime.now(UTC) + timedelta(hours=1),
            },
            "AssumedRoleUser": {"Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{RoleSessionName}"},
        }


def access_of(**sources: Sts) -> Access:
    """Return the access of somebody with these profiles; `current` are the current credentials."""

    def source_of(profile: str | None) -> Source:
        sts = sources[profile or "current"]
        return Source(environment=lambda: {"AWS_ACCESS_KEY_ID": sts.account}, clients_for=lambda r: Clients(sts, r))

    return Access(source_of)


def of(account: str, **settings: str) -> Deployment:
    return deployment().model_copy(update={"account": account, **settings})


def key_of(clients: Clients) -> str:
    return str(clients.credentials().access_key)


def test_each_deployment_is_called_with_its_own_profile() -> None:
    access = access_of(current=Sts(CENTRAL), dev=Sts(DEV), prod=Sts(PROD))
    deployments = {"dev": of(DEV, profile="dev"), "prod": of(PROD, profile="prod")}
    access.require_accounts(deployments, changing=True)
    assert [who_am_i(access.clients_for(each)).account for each in deployments.values()] == [DEV, PROD]
    assert [access.environment_for(each)["AWS_ACCESS_KEY_ID"] for each in deployments.values()] == [DEV, PROD]


def test_a_profile_of_another_account_is_refused_before_any_other_call() -> None:
    stage = Sts(DEV, assumable=frozenset({LOOKUP}))
    access = access_of(stage=stage)
    each = of(PROD, profile="stage")
    for act in (access.clients_for, access.environment_for, lambda one: access.require_accounts({"prod": one})):
        with pytest.raises(WrongAccountError, match=f"needs calls to account {PROD}, but profile stage is for {DEV}"):
            act(each)
    assert stage.calls == ["who"]


def test_the_role_that_the_file_names_is_assumed_with_the_current_credentials_once() -> None:
    central = Sts(CENTRAL, assumable=frozenset({ROLE, LOOKUP}))
    access = access_of(current=central)
    each = of(PROD, assume_role=ROLE)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(access.clients_for, [each] * 16))
    access.require_accounts({"prod": each}, changing=True)
    assert {key_of(clients) for clients in found} == {"of Deployer"}
    assert access.environment_for(each)["AWS_ACCESS_KEY_ID"] == "of Deployer"
    assert access.caller(each) == Caller(PROD, f"arn:aws:sts::{PROD}:assumed-role/Deployer/pinekeep")
    assert central.calls == [ROLE]


def test_a_role_that_may_not_be_assumed_is_told_with_both_sides() -> None:
    with pytest.raises(AwsRefusedError, match=rf"user/ann\) may not assume {ROLE}, which the file names") as refused:
        access_of(current=Sts(CENTRAL)).clients_for(of(PROD, assume_role=ROLE))
    assert "trust policy" in str(refused.value.hint)


def test_the_bootstrap_that_trusts_the_current_credentials_lets_them_read_and_plan_alone() -> None:
    central = Sts(CENTRAL, assumable=frozenset({LOOKUP, DEPLOY}))
    access = access_of(current=central)
    each = of(PROD)
    access.require_accounts({"prod": each})
    assert key_of(access.clients_for(each)).startswith("of cdk-hnb659fds-lookup-role")
    assert key_of(as_deploy_role(access, each)).startswith("of cdk-hnb659fds-deploy-role")
    assert access.environment_for(each)["AWS_ACCESS_KEY_ID"] == CENTRAL  # the CDK assumes the roles itself
    with pytest.raises(AwsRefusedError, match="these read and plan, and change nothing but stacks") as refused:
        access.require_accounts({"prod": each}, changing=True)
    assert "set profile or assume_role in deployment prod" in str(refused.value.hint)


def test_a_deploy_role_that_does_not_trust_the_credentials_is_not_gone_around() -> None:
    access = access_of(current=Sts(CENTRAL, assumable=frozenset({LOOKUP})))
    with pytest.raises(AwsRefusedError, match=f"may read in account {PROD}, but not assume {DEPLOY}"):
        as_deploy_role(access, of(PROD))


def test_without_any_way_into_the_account_it_is_told_what_to_set() -> None:
    central = Sts(CENTRAL)
    with pytest.raises(WrongAccountError, match=f"the current credentials are for {CENTRAL}") as refused:
        access_of(current=central).require_accounts({"prod": of(PROD)})
    assert refused.value.hint == (
        f"set profile or assume_role in deployment prod of the file, or use credentials of account {PROD}, for example "
        "with AWS_PROFILE, and run again with --deployment prod"
    )
    assert central.calls == ["who", LOOKUP]


def test_deployments_of_the_current_account_take_one_call_in_all() -> None:
    sts = Sts(DEV)
    access = access_of(current=sts)
    access.require_accounts({"a": of(DEV), "b": of(DEV, region="us-west-2")}, changing=True)
    access.clients_for(of(DEV))
    assert sts.calls == ["who"]


# --- Reading, where answers tell the account ---


def reader(found: list[str]) -> Callable[[Callable[[Deployment], Clients]], str]:
    """Read as verification does: by an answer, whose account it is."""

    def read(clients_for: Callable[[Deployment], Clients]) -> str:
        clients = clients_for(of(PROD))
        key = getattr(clients.credentials(), "access_key", "own")
        found.append(key)
        account = DEV if key == "own" else PROD
        require_account(Caller(account, "arn"), of(PROD))
        return key

    return read


def test_reading_of_one_account_asks_nobody_whose_the_credentials_are() -> None:
    sts = Sts(PROD)
    assert access_of(current=sts).reading({"prod": of(PROD)}, lambda clients_for: clients_for(of(PROD)).region)
    assert sts.calls == []


def test_reading_with_credentials_of_another_account_goes_on_through_the_bootstrap() -> None:
    found: list[str] = []
    access = access_of(current=Sts(DEV, assumable=frozenset({LOOKUP})))
    assert "lookup-role" in access.reading({"prod": of(PROD)}, reader(found))
    assert found[0] == "own"
    assert len(found) == 2
    access.reading({"prod": of(PROD)}, reader(found))
    assert len(found) == 3, "what was found out once is not tried again"


def test_reading_with_credentials_of_another_account_that_lead_nowhere_is_refused() -> None:
    with pytest.raises(WrongAccountError, match="deployment prod needs calls"):
        access_of(current=Sts(DEV)).reading({"prod": of(PROD)}, reader([]))


def test_reading_of_several_accounts_never_begins_with_credentials_of_another() -> None:
    deployments = {"dev": of(DEV), "prod": of(PROD)}
    begun: list[object] = []
    with pytest.raises(WrongAccountError, match="deployment prod needs calls"):
        access_of(current=Sts(DEV)).reading(deployments, begun.append)
    assert begun == []


def test_one_set_of_credentials_can_stand_for_all_whatever_the_file_says() -> None:
    sts = Sts(PROD)
    access = Access.of(Source(environment=dict, clients_for=lambda region: Clients(sts, region)))
    access.require_accounts({"a": of(PROD, profile="x"), "b": of(PROD, assume_role=ROLE)}, changing=True)
    assert sts.calls == ["who"]


# --- The user's own ---


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "own")


def test_the_clients_of_a_region_are_made_once(keys: None) -> None:
    source = source_of_the_user(None, "us-east-1")
    assert source.clients_for("us-east-1") is source.clients_for("us-east-1")
    assert source.clients_for("us-east-1") is not source.clients_for("us-west-2")


def test_sessions_of_other_credentials_share_the_descriptions_of_the_services(keys: None) -> None:
    access = Access.of_the_user({"a": of(DEV)})
    source = source_of_the_user(None, "us-east-1")
    assumed = {"AccessKeyId": "assumed", "SecretAccessKey": "x", "SessionToken": "y"}
    own, other = source.clients_for("us-east-1"), access.clients_as(of(DEV), assumed)
    models = {id(each.client("kms").meta.service_model.metadata) for each in (own, other)}
    assert len(models) == 1
    assert [each.credentials().access_key for each in (own, other)] == ["own", "assumed"]


def test_a_profile_of_the_file_wins_over_keys_in_the_environment(
    keys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c").write_text("[stage]\naws_access_key_id = of-stage\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "c"))
    monkeypatch.setenv("AWS_PROFILE", "another")
    source = source_of_the_user("stage", "us-east-1")
    assert source.clients_for("us-east-1").credentials().access_key == "of-stage"
    environment = source.environment()
    assert environment["AWS_ACCESS_KEY_ID"] == "of-stage"
    assert "AWS_PROFILE" not in environment


def test_a_profile_that_this_machine_lacks_is_told_as_the_files() -> None:
    with pytest.raises(AwsRefusedError, match="no AWS profile 'stage', which the file names") as refused:
        Access.of_the_user({"prod": of(PROD, profile="stage")})
    assert "list-profiles" in str(refused.value.hint)


@pytest.mark.parametrize("proxy", ["socks5h://127.0.0.1:1080", "ftp://127.0.0.1:21", "http://127.0.0.1:x"])
def test_a_proxy_that_cannot_be_used_is_refused_with_its_variable(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(WrongInputError, match="HTTPS_PROXY"):
        Access.of_the_user({"a": of(DEV)})


def test_a_proxy_that_aws_is_reached_without_does_not_matter(keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:1080")
    monkeypatch.setenv("NO_PROXY", ".amazonaws.com")
    Access.of_the_user({"a": of(DEV)})


def test_all_proxy_is_none_of_the_aws_sdks_variables(keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1080")
    Access.of_the_user({"a": of(DEV)})
