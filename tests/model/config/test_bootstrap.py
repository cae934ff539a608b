import json
from pathlib import Path
from typing import Any

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration
from pinekeep.model.config import bootstrap as module
from pinekeep.model.config.bootstrap import BootstrapOf, bootstrap_of, qualifier_of_context
from tests.properties.loaded import load_text

ACCOUNT = "111122223333"
CMEK = {"trust": {"regions": ["us-east-1"], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}}


def bootstraps(*, common: Any = None, **own: Any) -> dict[str, BootstrapOf]:
    """Return the bootstrap of each deployment of a file; each has the settings given, or none."""
    deployments = {
        name: {"account": ACCOUNT, "region": "us-east-1", "cmek": {**CMEK, "role_name": name}}
        | ({"bootstrap": settings} if settings is not None else {})
        for name, settings in own.items()
    }
    file = {"version": 1, "pinecone_account": "740000000001", "deployments": deployments}
    loaded = load_text(json.dumps(file | ({"bootstrap": common} if common is not None else {})))
    assert isinstance(loaded, Configuration)
    return {name: bootstrap_of(each) for name, each in loaded.deployments.items()}


def test_left_out_it_is_the_cdks_default() -> None:
    found = bootstraps(a=None)["a"]
    assert found.is_default
    assert found.role_arn("deploy") == f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-deploy-role-{ACCOUNT}-us-east-1"
    assert found.role_arn("cfn-exec") == f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-us-east-1"
    assert found.version_parameter == "/cdk-bootstrap/hnb659fds/version"
    assert found.command == f"cdk bootstrap aws://{ACCOUNT}/us-east-1"
    assert found.options == []


def test_a_qualifier_names_everything() -> None:
    found = bootstraps(a={"qualifier": "platform"})["a"]
    assert not found.is_default
    assert found.role_arn("lookup") == f"arn:aws:iam::{ACCOUNT}:role/cdk-platform-lookup-role-{ACCOUNT}-us-east-1"
    assert found.version_parameter == "/cdk-bootstrap/platform/version"
    assert found.command == (
        f"cdk bootstrap --qualifier platform --toolkit-stack-name CDKToolkit-platform aws://{ACCOUNT}/us-east-1"
    ), "with the default toolkit stack it would take the place of another bootstrap"


def test_placeholders_are_filled_in() -> None:
    arn = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk/${Qualifier}/deploy-${AWS::Region}"
    found = bootstraps(a={"qualifier": "platform", "deploy_role_arn": arn})["a"]
    assert found.role_arn("deploy") == f"arn:aws:iam::{ACCOUNT}:role/cdk/platform/deploy-us-east-1"
    assert found.role_arn("cfn-exec") == f"arn:aws:iam::{ACCOUNT}:role/cdk-platform-cfn-exec-role-{ACCOUNT}-us-east-1"


def test_the_one_at_the_top_holds_for_whoever_has_none_and_gives_way_as_a_whole() -> None:
    common = {"qualifier": "platform", "deploy_role_arn": "arn:aws:iam::${AWS::AccountId}:role/cdk/deploy"}
    found = bootstraps(common=common, a=None, b={"qualifier": "team"}, c={})
    assert found["a"].role_arn("deploy") == f"arn:aws:iam::{ACCOUNT}:role/cdk/deploy"
    assert found["b"].role_arn("deploy") == f"arn:aws:iam::{ACCOUNT}:role/cdk-team-deploy-role-{ACCOUNT}-us-east-1"
    assert found["c"].is_default


@pytest.fixture
def cdk_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(module, "_CDK_JSON", tmp_path / "cdk.json")
    qualifier_of_context.cache_clear()
    yield (tmp_path / "cdk.json").write_text
    qualifier_of_context.cache_clear()


def test_the_qualifier_of_cdk_json_holds_where_the_file_names_none(cdk_json: Any) -> None:
    cdk_json('{"context": {"@aws-cdk/core:bootstrapQualifier": "company"}}')
    found = bootstraps(a=None, b={"qualifier": "platform"})
    assert found["a"].version_parameter == "/cdk-bootstrap/company/version"
    assert found["b"].version_parameter == "/cdk-bootstrap/platform/version"


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_cdk_json_that_cannot_be_read_is_told(cdk_json: Any, text: str) -> None:
    cdk_json(text)
    with pytest.raises(WrongInputError, match=r"cdk.json cannot be read"):
        bootstraps(a=None)
