"""The bootstrap of an account and Region is what is needed, before anything is made."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.deploy_role import require_bootstrap
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment

CMEK = {"trust": {"regions": ["us-east-1"], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}}
DEPLOYMENT = Deployment.model_validate({"account": "111122223333", "region": "us-east-1", "cmek": CMEK})
BOOTSTRAP = "cdk bootstrap aws://111122223333/us-east-1"


class FakeSystemsManager:
    """Keeps one parameter. Session and client at once."""

    def __init__(self, value: str | None) -> None:
        self.value = value

    def client(self, *_: Any, **__: Any) -> Any:
        return self

    def get_parameter(self, **given: Any) -> dict[str, Any]:
        assert given == {"Name": "/cdk-bootstrap/hnb659fds/version"}
        if self.value is None:
            raise ClientError({"Error": {"Code": "ParameterNotFound", "Message": "no"}}, "GetParameter")
        return {"Parameter": {"Value": self.value}}


@pytest.mark.parametrize("version", ["6", "30"])
def test_a_version_that_is_new_enough_passes(version: str) -> None:
    require_bootstrap(Clients(FakeSystemsManager(version), "us-east-1"), DEPLOYMENT)


@pytest.mark.parametrize(
    ("version", "said"),
    [(None, "is not prepared for CDK deployments"), ("5", "has version 5"), ("newest", "has version newest")],
)
def test_what_cannot_be_deployed_with_is_told_with_the_command_to_run(version: str | None, said: str) -> None:
    with pytest.raises(AwsRefusedError, match=said) as caught:
        require_bootstrap(Clients(FakeSystemsManager(version), "us-east-1"), DEPLOYMENT)
    find = "`pinekeep preflight` says which bootstrap there is; where there is none: "
    assert caught.value.hint == (BOOTSTRAP if version else f"{find}{BOOTSTRAP}")
