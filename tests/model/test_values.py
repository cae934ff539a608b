import subprocess
import sys
from typing import Any

import pytest

from pinekeep.model.values import InvalidValueError, require
from pinekeep.model.values.accounts import OwnAccount, Region
from pinekeep.model.values.keys import RotationDays
from pinekeep.model.values.networks import AvailabilityZones, SubnetIds, clients_error, zone_error
from pinekeep.model.values.trust import (
    ExternalId,
    TrustRegions,
    confused_deputy,
    form_without_all,
    undocumented_region,
)

EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
ONE, TWO = "subnet-0a1b2c3d", "subnet-0a1b2c3e"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (OwnAccount, "111122223333"),
        (Region, "us-east-1"),
        (RotationDays, 365),
        (ExternalId, EXTERNAL_ID),
        (ExternalId, "none"),
        (SubnetIds, [ONE, TWO]),
        (AvailabilityZones, ["us-east-1a", "us-east-1b"]),
        (TrustRegions, ["us-east-1"]),
    ],
)
def test_a_valid_value_is_returned(kind: Any, value: object) -> None:
    assert require(kind, value) == value


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (OwnAccount, "123", "account-length"),
        (Region, "nowhere", "region-without-pinecone"),
        (RotationDays, 1, "rotation-days-bounds"),
        (ExternalId, "hello", "external-id-format"),
        (SubnetIds, [ONE], "subnet-ids-few"),
        (SubnetIds, [ONE, ONE], "subnet-ids-twice"),
        (SubnetIds, [ONE, "subnet"], "subnet-id"),
        (AvailabilityZones, ["us-east-1a"], "availability-zones-few"),
        (TrustRegions, [], "trust-regions-few"),
    ],
)
def test_an_invalid_value_is_refused_with_a_code_a_message_and_a_hint(kind: Any, value: object, code: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        require(kind, value)
    assert caught.value.code == code
    assert str(caught.value) == f"{caught.value.message}\n  hint: {caught.value.hint}"


def test_an_error_without_a_hint_is_its_message() -> None:
    assert str(InvalidValueError("a-code", "this is invalid")) == "this is invalid"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (confused_deputy("all", "none"), "confused-deputy"),
        (confused_deputy("all", EXTERNAL_ID), None),
        (confused_deputy(["us-east-1"], "none"), None),
        (form_without_all(["us-east-1"], "account-root"), "form-without-all"),
        (form_without_all("all", "account-root"), None),
        (undocumented_region("eu-central-1"), "trust-region-undocumented"),
        (undocumented_region("us-east-1"), None),
        (zone_error("us-east-1a", "us-west-2"), "zone-region"),
        (zone_error("us-east-1a", "us-east-1"), None),
        (clients_error(0), "no-clients"),
        (clients_error(60), None),
        (clients_error(61), "too-many-clients"),
    ],
)
def test_values_that_do_not_go_together_are_refused(error: InvalidValueError | None, code: str | None) -> None:
    assert (error and error.code) == code


@pytest.mark.process
def test_pydantic_is_not_imported_for_them() -> None:
    program = (
        "import sys; from pinekeep.model.values import accounts, bootstrap, keys, names, networks, project, roles; "
        "import pinekeep.model.values.trust; "
        "print(*{'pydantic', 'pydantic_core', 'yaml', 'pinekeep.model.config'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
