from dataclasses import replace
from datetime import timedelta

import pytest

from pinekeep.account.credentials.identity import Caller
from pinekeep.operations.preflight.check import Session
from tests.operations.preflight.conftest import NOW, Scene


def ending(scene: Scene, minutes: int, *, renews: bool = False) -> Scene:
    return replace(scene, session=Session(temporary=True, ends=NOW + timedelta(minutes=minutes), renews=renews))


def test_credentials_of_another_account_stand_in_the_way(scene: Scene) -> None:
    elsewhere = replace(scene, caller=Caller(account="222233334444", arn="arn:aws:iam::222233334444:user/ann"))
    assert elsewhere.refusal("credentials-account") == (
        "the credentials are for account 222233334444 (arn:aws:iam::222233334444:user/ann)"
    )
    assert elsewhere.finding("credentials-account").wanted == "account 111122223333"
    assert elsewhere.finding("credentials-account").fix == (
        "set profile or assume_role in deployment prod of the file, or use credentials of account "
        "111122223333, for example with AWS_PROFILE, and run again with --deployment prod"
    )


def test_who_comes_by_the_bootstrap_may_look_and_is_told_that_it_is_not_enough_to_deploy(scene: Scene) -> None:
    lookup = Caller(account="111122223333", arn="arn:aws:sts::111122223333:assumed-role/look/x", by_bootstrap=True)
    found = replace(scene, caller=lookup).finding("credentials-account")
    assert found.status == "note"
    assert "set profile or assume_role" in str(found.fix)


def test_who_it_is_is_told(scene: Scene) -> None:
    assert scene.finding("credentials-account").found == (
        "arn:aws:sts::111122223333:assumed-role/Deployers/ann of account 111122223333"
    )


def test_a_session_that_ends_within_the_hour_is_noted(scene: Scene) -> None:
    assert ending(scene, 59).note("credentials-session") == "they expire at 12:59 UTC, in 59 minutes"
    assert "sign in again first" in str(ending(scene, 59).finding("credentials-session").fix)
    assert ending(scene, 60).finding("credentials-session").status == "ok"


def test_a_session_that_has_ended_by_now_has_no_minutes_left(scene: Scene) -> None:
    assert ending(scene, -5).note("credentials-session") == "they expire at 11:55 UTC, in 0 minutes"


def test_a_session_that_is_renewed_by_itself_may_be_short(scene: Scene) -> None:
    found = ending(scene, 5, renews=True).finding("credentials-session")
    assert (found.status, found.found) == (
        "ok",
        "they expire at 12:05 UTC, in 5 minutes, and are renewed automatically",
    )


@pytest.mark.parametrize(
    ("session", "told"),
    [
        (Session(temporary=False), "they do not expire"),
        (Session(temporary=True), "they expire at an unknown time"),
    ],
)
def test_an_end_that_is_not_known_is_not_guessed(scene: Scene, session: Session, told: str) -> None:
    found = replace(scene, session=session).finding("credentials-session")
    assert (found.status, found.found) == ("ok", told)


def test_nothing_is_said_where_nothing_is_known(scene: Scene) -> None:
    assert replace(scene, session=None).of("credentials-session") == []
