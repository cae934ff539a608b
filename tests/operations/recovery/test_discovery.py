"""What a stack that is gone has left, found by its names."""

from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.operations.recovery.discovery import find_retained

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/delegated/dev/pinekeep-search-us-east-1"


class Aws:
    """One role of the deployment, and no record."""

    def client(self, *_: str, **__: Any) -> "Aws":
        return self

    def get_parameters(self, **_: Any) -> Any:
        return {"Parameters": list[Any]()}

    def get_role(self, **_: Any) -> Any:
        return {"Role": {"Arn": ROLE, "Tags": [{"Key": "pinekeep:deployment", "Value": "search"}]}}


def found(path: str) -> tuple[str, ...]:
    deployment = Deployment.model_validate(
        {
            "account": ACCOUNT,
            "region": "us-east-1",
            "iam_path": path,
            "cmek": {
                "trust": {"regions": ["us-east-1"], "external_id": "none"},
                "customer_keys": [{"name": "acme", "account": "444455556666"}],
            },
        }
    )
    clients = Clients(Aws(), "us-east-1")
    return find_retained("search", deployment, role_names=[ROLE.rpartition("/")[2]], clients=clients).roles


def test_a_role_is_taken_back_in_under_its_own_path() -> None:
    assert found("/delegated/dev/") == (ROLE,)


def test_a_role_under_another_path_is_not_what_the_file_makes() -> None:
    with pytest.raises(PinekeepError) as caught:
        found("/")
    assert caught.value.message == f"search: the role to import is {ROLE}, and the file has it under the path /"
    assert str(caught.value.hint).startswith("write iam_path: /delegated/dev/;")
