"""Which way is taken, and what is said about it."""

from typing import Any

import pytest

from pinekeep.model.config import Deployment
from pinekeep.operations.revocation.methods import GOES_ON, STOPS, Method, default_method
from tests.operations.revocation.conftest import ACCOUNT, EXTERNAL_ID, REGION

ADOPTED = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
CUSTOMERS = [{"name": "acme", "account": "444455556667"}]


@pytest.mark.parametrize(
    ("cmek", "how"),
    [
        ({}, Method.BOTH),
        ({"key": {"adopt": ADOPTED}}, Method.ROLE),
        ({"customer_keys": CUSTOMERS}, Method.ROLE),
        ({"customer_keys": CUSTOMERS, "key": {}}, Method.BOTH),
    ],
)
def test_the_default_is_complete_and_stops_nobody_else(cmek: dict[str, Any], how: Method) -> None:
    trust = {"regions": [REGION], "external_id": EXTERNAL_ID}
    deployment = Deployment.model_validate({"account": ACCOUNT, "region": REGION, "cmek": {"trust": trust, **cmek}})
    assert default_method(deployment) is how


def test_of_every_way_is_said_what_stops_and_what_goes_on() -> None:
    assert set(STOPS) == set(GOES_ON) == set(Method)
