"""The columns, held against botocore's model of KMS: an independent witness of names and cross-account rules."""

import re
from typing import Any

import botocore.session
import pytest

from pinekeep.decisions.access.requests import FROM_OTHER_ACCOUNTS, KEY_ACTIONS

ACTIONS = sorted({action for actions in KEY_ACTIONS.values() for action in actions})
OPERATIONS = {"ReEncryptFrom": "ReEncrypt", "ReEncryptTo": "ReEncrypt"}
NOT_ON_A_SYMMETRIC_KEY = {"Sign", "Verify", "GenerateMac", "VerifyMac", "GetPublicKey", "DeriveSharedSecret"}
NOT_DECIDED = {"RetireGrant", "GetKeyLastUsage"}


@pytest.fixture(scope="module")
def cross_account() -> dict[str, bool]:
    """Return, for each KMS operation on a key, whether it takes callers of other accounts."""
    model = botocore.session.get_session().get_service_model("kms")
    found = {}
    for name in model.operation_names:
        text = re.sub(r"<[^>]+>", "", model.operation_model(name).documentation)
        rule = re.search(r"Cross-account use\s*:\s*(Yes|No)\b", text)
        shape: Any = model.operation_model(name).input_shape or model.shape_for("Tag")
        members = shape.members
        on_a_key = {"KeyId", "TargetKeyId", "SourceKeyId", "AliasName"} & set(members)
        if rule and on_a_key:
            found[name] = rule[1] == "Yes"
    return found


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_an_operation_with_the_documented_cross_account_rule(
    action: str, cross_account: dict[str, bool]
) -> None:
    name = action.removeprefix("kms:")
    assert cross_account[OPERATIONS.get(name, name)] is (action in FROM_OTHER_ACCOUNTS)


def test_no_operation_on_a_symmetric_key_is_left_out(cross_account: dict[str, bool]) -> None:
    asked = {OPERATIONS.get(name, name) for name in (action.removeprefix("kms:") for action in ACTIONS)}
    assert set(cross_account) - NOT_ON_A_SYMMETRIC_KEY - NOT_DECIDED - {"ListAliases"} == asked
