"""The policy that cuts a role off."""

from typing import Any

import pytest

from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME, cuts_off, revoked_policy


def test_everything_is_denied_to_every_session_under_no_condition() -> None:
    assert revoked_policy() == {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "DenyEverything", "Effect": "Deny", "Action": "*", "Resource": "*"}],
    }


def test_the_name_stays_for_good_because_others_look_for_it() -> None:
    assert REVOKED_POLICY_NAME == "PinekeepRevoked"


OLDER_SESSIONS = {"DateLessThan": {"aws:TokenIssueTime": "2026-11-25T12:00:00Z"}}


@pytest.mark.parametrize(
    "change",
    [{"Action": "kms:*"}, {"Effect": "Allow"}, {"Resource": "arn:aws:kms:*:*:key/*"}, {"Condition": OLDER_SESSIONS}],
)
def test_what_denies_less_does_not_cut_off(change: dict[str, Any]) -> None:
    found = revoked_policy()
    found["Statement"][0].update(change)
    assert not cuts_off(found)


def test_only_the_whole_policy_cuts_off() -> None:
    assert cuts_off(revoked_policy())
    assert not cuts_off(None)
