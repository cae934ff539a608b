"""Reading CloudTrail's event history."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from pinekeep.account.client.clients import Clients
from pinekeep.operations.offboarding.trail import Use, assumptions_of_role, in_words, uses_of_key
from tests.operations.offboarding.conftest import FakeTrail
from tests.operations.revocation.conftest import REGION

KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=7)


class Session:
    """Gives one client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name == "cloudtrail"
        return self._client


def clients(client: Any) -> Clients:
    return Clients(Session(client), REGION)


def test_no_more_is_read_than_is_needed_to_say_that_it_is_used() -> None:
    trail = FakeTrail()
    for minutes in range(500):
        trail.happen("Decrypt", KEY, NOW - timedelta(minutes=minutes))
    found = uses_of_key(clients(trail), KEY, since=SINCE, until=NOW)
    assert len(found) == 20
    assert len(trail.calls) == 10
    assert in_words(found).endswith("; and 17 more or further")


def test_who_it_was_is_told_as_well_as_it_is_known() -> None:
    def one(**event: Any) -> Use:
        trail = FakeTrail([{"EventName": "Decrypt", "EventTime": NOW, "Resources": [{"ResourceName": KEY}], **event}])
        (found,) = uses_of_key(clients(trail), KEY, since=SINCE, until=NOW)
        return found

    assert one(Username="ops").by == "ops"
    assert one().by == "somebody"
    assert one(CloudTrailEvent="{").by == "somebody"
    assert one(CloudTrailEvent='{"userIdentity": {"invokedBy": "ebs.amazonaws.com"}}').by == "ebs.amazonaws.com"
    assert one(CloudTrailEvent='{"userIdentity": {"accountId": "740000000001"}}').by == "740000000001"


def test_it_asks_cloudtrail_as_its_api_wants_to_be_asked(server: Any) -> None:
    client = server.session().client("cloudtrail")
    asked = {
        "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": KEY}],
        "StartTime": SINCE,
        "EndTime": NOW,
        "MaxResults": 50,
    }
    event = {"EventName": "AssumeRole", "EventTime": NOW, "CloudTrailEvent": "{}"}
    with Stubber(client) as stub:
        stub.add_response("lookup_events", {"Events": [], "NextToken": "more"}, asked)
        stub.add_response("lookup_events", {"Events": [event]}, {**asked, "NextToken": "more"})
        (found,) = assumptions_of_role(clients(client), KEY, since=SINCE, until=NOW)
        assert found.what == "AssumeRole"
        stub.add_client_error("lookup_events", "AccessDeniedException")
        with pytest.raises(ClientError):
            uses_of_key(clients(client), KEY, since=SINCE, until=NOW)
