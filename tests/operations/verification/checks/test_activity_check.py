"""Whether Pinecone uses the key."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.account.reads.live import NotAsked, Unreadable
from tests.operations.verification.conftest import EVENT_ID, NOW, event

if TYPE_CHECKING:
    from pinekeep.operations.verification.checks.finding import Finding
    from tests.operations.verification.conftest import World

USE = "key-activity"
DENIED = {"errorCode": "AccessDenied", "errorMessage": "no identity-based policy allows the kms:Decrypt action"}
OTHER_ROLE = "arn:aws:iam::111122223333:role/somebody-elses"


def seen(world: "World", *events: Any, **answer: Any) -> "World":
    return world.when(activity={"Events": list(events), **answer})


def told(world: "World") -> "list[Finding]":
    return [each for each in world.findings() if each.check == USE]


def test_the_last_use_by_a_session_of_the_role_is_told(world: "World") -> None:
    (found,) = told(seen(world, event("Decrypt"), event("Encrypt", ago=timedelta(days=3))))
    assert found.status == "ok"
    assert found.found == (
        "Pinecone last used the key: kms:Decrypt by assumed-role/pinekeep-prod-us-east-1/pinecone on 2026-11-25 at "
        "11:00 UTC"
    )


@pytest.mark.parametrize(
    "other",
    [
        event("Decrypt", role=None),
        event("Decrypt", role=OTHER_ROLE),
        event("PutKeyPolicy"),
        event("DescribeKey"),
        event("CreateGrant"),
        event("Decrypt", errorCode="DryRunOperationException"),
    ],
)
def test_what_others_do_or_what_is_no_use_is_no_use_by_pinecone(world: "World", other: Any) -> None:
    (found,) = told(seen(world, other))
    assert found.status == "note"
    assert found.found.startswith("no use of the key by Pinecone in the 90 days that CloudTrail keeps")


def test_a_key_that_was_never_used_says_so_with_the_days_that_are_kept(world: "World") -> None:
    (found,) = told(seen(world))
    assert (found.status, found.meaning) == ("note", None)
    assert found.found.endswith("none of the role that IAM knows: the integration has not worked yet")
    assert "pinekeep handoff" in str(found.fix)


def test_a_role_that_was_used_before_is_told_from_iam(world: "World") -> None:
    used = world.changed("role", RoleLastUsed={"LastUsedDate": NOW - timedelta(days=120), "Region": "us-east-1"})
    (found,) = told(seen(used))
    assert found.found.endswith("IAM says that the role was last used on 2026-07-28")
    assert "has worked before" in str(found.fix)


def test_a_full_page_without_a_use_does_not_speak_for_all_the_days(world: "World") -> None:
    (found,) = told(seen(world, event("DescribeKey", role=None), NextToken="more"))
    assert "in the newest 50 calls about the key" in found.found


def test_a_refusal_just_now_fails_with_who_what_and_why(world: "World") -> None:
    refused = event("Decrypt", ago=timedelta(minutes=4), **DENIED)
    wrong = seen(world, refused, event("GenerateDataKey", ago=timedelta(minutes=9), **DENIED), event("Decrypt"))
    assert wrong.failures() == {USE}
    assert wrong.failure(USE) == (
        "Pinecone was refused the last 2 times that it asked: kms:Decrypt by "
        "assumed-role/pinekeep-prod-us-east-1/pinecone on 2026-11-25 at 11:56 UTC (AccessDenied: no identity-based "
        "policy allows the kms:Decrypt action)"
    )
    assert "a policy of the organization" in str(wrong.finding(USE).fix)
    assert str(wrong.finding(USE).meaning).startswith("Pinecone cannot use the key, although it tries")


def test_a_refusal_before_the_last_use_is_a_note(world: "World") -> None:
    used, refused = told(seen(world, event("Decrypt"), event("Decrypt", ago=timedelta(hours=2), **DENIED)))
    assert (used.status, refused.status) == ("ok", "note")
    assert refused.what == "Refusals of Pinecone's sessions"
    assert refused.found.startswith("Pinecone's sessions were refused: kms:Decrypt by ")
    assert "worked again since" in str(refused.fix)


def test_a_refusal_just_now_that_was_followed_by_a_use_is_a_note(world: "World") -> None:
    used = event("Decrypt", ago=timedelta(minutes=1))
    found = told(seen(world, used, event("Decrypt", ago=timedelta(minutes=5), **DENIED)))
    assert [each.status for each in found] == ["ok", "note"]


def test_an_old_refusal_without_a_use_since_is_a_note_beside_what_is_known(world: "World") -> None:
    never, refused = told(seen(world, event("Decrypt", ago=timedelta(hours=2), **DENIED)))
    assert (never.status, refused.status) == ("note", "note")


def test_a_refusal_of_what_the_role_may_not_do_is_as_it_should_be(world: "World") -> None:
    used, refused = told(seen(world, event("PutKeyPolicy", ago=timedelta(minutes=1), **DENIED), event("Decrypt")))
    assert (used.status, refused.status) == ("ok", "note")
    assert str(refused.fix).startswith("as it should be")


def test_what_was_not_looked_at_is_a_note_with_the_reason(world: "World") -> None:
    (found,) = told(world.when(activity=NotAsked("there are many")))
    assert (found.status, found.found) == ("note", "not checked: there are many")
    assert found.fix == "pinekeep verify --deployment prod"


# --- What KMS itself reports: when, by anybody; the event that it names says by whom ---

LAST = "key-last-usage"
MADE = NOW - timedelta(days=30)
DECRYPTED = {"Operation": "Decrypt", "Timestamp": NOW - timedelta(minutes=4), "CloudTrailEventId": EVENT_ID}
WHEN = f"(Decrypt at 2026-11-25 11:56 UTC, CloudTrail event ID {EVENT_ID})"


def usage(world: "World", *events: Any, tracked: Any = MADE, **used: Any) -> "World":
    answer = {"TrackingStartDate": tracked, "KeyCreationDate": MADE, "KeyLastUsage": used}
    return seen(world, *events).when(last_usage=answer)


def test_a_last_use_by_a_session_of_the_role_is_pinecones(world: "World") -> None:
    found = usage(world, event("Decrypt"), **DECRYPTED).finding(LAST)
    assert (found.status, found.what) == ("ok", "Last use of the key")
    assert found.found == f"Pinecone last used this key 4 minutes ago {WHEN}"


def test_an_event_is_known_by_its_id_as_listed_or_in_its_record(world: "World") -> None:
    listed = {**event("Decrypt", eventID="another"), "EventId": EVENT_ID}
    assert usage(world, listed, **DECRYPTED).finding(LAST).found.startswith("Pinecone last used")
    broken = {"EventId": EVENT_ID, "CloudTrailEvent": "{"}
    assert usage(world, broken, **DECRYPTED).finding(LAST).found.startswith("the key was last used")


@pytest.mark.parametrize("role", [None, OTHER_ROLE])
def test_a_last_use_by_somebody_else_is_not_taken_for_pinecones(world: "World", role: str | None) -> None:
    found = usage(world, event("Decrypt", role=role), **DECRYPTED).finding(LAST)
    assert found.status == "note"
    who = "user/somebody" if role is None else "assumed-role/somebody-elses/pinecone"
    assert found.found == f"the key was last used 4 minutes ago {WHEN} by {who}, which is no session of Pinecone's role"
    assert "pinekeep access --deployment prod" in str(found.fix)


@pytest.mark.parametrize("activity", [{"Events": []}, {"Events": [event("Decrypt", eventID="e-2")]}, NotAsked("many")])
def test_without_the_event_no_more_is_said_than_is_proved(world: "World", activity: Any) -> None:
    found = usage(world, **DECRYPTED).when(activity=activity).finding(LAST)
    assert found.status == "ok"
    assert found.found == f"the key was last used 4 minutes ago {WHEN}; KMS does not record by whom"
    assert "Pinecone" not in found.found


def test_an_activity_that_may_not_be_read_hides_nothing_of_what_kms_reports(world: "World") -> None:
    closed = Unreadable("cloudtrail:LookupEvents", "no permission")
    assert usage(world, **DECRYPTED).when(activity=closed).finding(LAST).status == "ok"


def test_a_key_that_was_never_used_is_told_from_one_that_may_have_been(world: "World") -> None:
    unused = usage(world).finding(LAST)
    assert (unused.status, unused.found) == ("note", "the key has not been used since it was made")
    older = usage(world, tracked=NOW - timedelta(days=9)).finding(LAST)
    assert older.status == "note"
    assert older.found == (
        "no use of the key since 2026-11-16, when KMS began to keep track; it may have been used before"
    )


def test_a_last_use_that_could_not_be_read_is_a_note_and_no_tick(world: "World") -> None:
    found = world.when(last_usage=NotAsked("not readable without kms:GetKeyLastUsage")).finding(LAST)
    assert (found.status, found.found) == ("note", "KMS was not asked: not readable without kms:GetKeyLastUsage")
