"""The policy for ``monitoring test``: what it sends and makes, of the deployments that have it, and no more."""

from typing import Any

from pinekeep.decisions.privileges import policies_for
from tests.decisions.privileges.support import deployment, documents, link
from tests.stacks.support import NEW_VPC

TOPIC = "arn:aws:sns:us-east-1:111122223333:security"


def statements(**deployments: Any) -> dict[str, Any]:
    (policy,) = documents("monitoring", deployments)
    return {each["Sid"]: each for each in policy["Statement"]}


def test_messages_are_sent_to_the_topics_of_the_deployments_alone() -> None:
    found = statements(
        search=deployment(private_link=link(NEW_VPC), monitoring={}),
        other=deployment(private_link=link(NEW_VPC)),
        given=deployment(
            private_link=link(NEW_VPC), monitoring={"topic": "arn:aws:sns:us-east-1:111122223333:security"}
        ),
    )
    assert found["SendTestMessages"]["Resource"] == [
        "arn:aws:sns:us-east-1:111122223333:Pinekeep-search-Monitori*",
        "arn:aws:sns:us-east-1:111122223333:Pinekeep-given-Monitorin*",
        TOPIC,
    ]
    assert "other" not in str(found)


def test_events_have_the_source_of_tests_and_queues_the_names_of_tests() -> None:
    abroad = deployment(private_link=link(NEW_VPC), monitoring={}).model_copy(update={"region": "eu-west-1"})
    found = statements(search=abroad)
    assert found["SendTestEvents"]["Condition"] == {"StringEquals": {"events:source": "pinekeep.test"}}
    assert found["SendTestEvents"]["Resource"] == [
        f"arn:aws:events:{region}:111122223333:event-bus/default" for region in ("eu-west-1", "us-east-1")
    ]
    assert found["MakeQueuesOfTests"]["Resource"] == ["arn:aws:sqs:eu-west-1:111122223333:pinekeep-search-test-*"]
    assert found["UseKeysOfTopics"]["Condition"] == {
        "StringEquals": {"kms:ViaService": ["sns.eu-west-1.amazonaws.com"]}
    }
    assert found["SetAlarmOfTests"]["Resource"] == [
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:pinekeep.search.notifications-failed"
    ]


def test_without_monitoring_there_is_nothing_to_allow() -> None:
    assert policies_for("monitoring", {"search": deployment(private_link=link(NEW_VPC))}) == []
