"""The body of the dashboard, against the documented structure, and what it shows of which deployment."""

import json
from typing import Any

import pytest

from pinekeep.model.alarms.dashboard import COLUMNS, DashboardParts, dashboard_body
from pinekeep.model.alarms.metrics import EndpointMetrics

KEY = "arn:aws:kms:eu-west-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
ENDPOINT = EndpointMetrics(
    endpoint_id="vpce-0123456789abcdef0",
    vpc_id="vpc-0a1b2c3d4e5f60718",
    service_name="com.amazonaws.vpce.eu-west-1.vpce-svc-03c6b7e17ff02a70f",
)
EVERYTHING: dict[str, Any] = {
    "key_arn": KEY,
    "filters": "Pinekeep/search",
    "endpoint": ENDPOINT,
    "audit_rule": "pinekeep-search-audit-files",
    "dead_letters": ["pinekeep-search-dead-letters"],
    "rules": ["pinekeep-search-key", "pinekeep-search-role"],
    "global_rules": ["pinekeep-search-forward"],
    "alarm_arns": ["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:pinekeep-search-role-denied"],
}


def body(**parts: Any) -> dict[str, Any]:
    needed: dict[str, Any] = {"name": "search", "region": "eu-west-1", "topic": "pinekeep-search", "alarm_arns": []}
    return json.loads(json.dumps(dashboard_body(DashboardParts(**(needed | parts)))))


def titles(found: dict[str, Any]) -> list[str]:
    return [each["properties"]["title"] for each in found["widgets"] if "title" in each["properties"]]


ALONE: list[dict[str, Any]] = [{}, *({name: value} for name, value in EVERYTHING.items())]


@pytest.mark.parametrize("parts", [EVERYTHING, {**EVERYTHING, "elsewhere": True}, *ALONE], ids="+".join)
def test_the_body_has_the_documented_structure(parts: dict[str, Any]) -> None:
    found = body(**parts)
    assert set(found) <= {"start", "end", "periodOverride", "variables", "widgets"}
    assert found["periodOverride"] in ("auto", "inherit")
    assert 0 < len(found["widgets"]) <= 500
    for widget in found["widgets"]:
        assert set(widget) == {"type", "x", "y", "width", "height", "properties"}
        assert 0 <= widget["x"] < COLUMNS
        assert 1 <= widget["width"] <= COLUMNS - widget["x"]
        assert 1 <= widget["height"] <= 1000
        require_properties[widget["type"]](widget["properties"])


def require_text(properties: dict[str, Any]) -> None:
    assert set(properties) == {"markdown"}
    assert properties["markdown"]


def require_alarms(properties: dict[str, Any]) -> None:
    assert set(properties) == {"title", "alarms"}
    assert 1 <= len(properties["alarms"]) <= 100


def require_metrics(properties: dict[str, Any]) -> None:
    assert set(properties) == {"title", "view", "stacked", "region", "stat", "period", "metrics", "yAxis"}
    assert properties["view"] == "timeSeries"
    assert properties["period"] % 60 == 0
    assert properties["metrics"]
    for row in properties["metrics"]:
        *metric, options = row
        assert set(options) <= {"label", "expression", "id", "visible"}
        if "expression" in options:
            assert metric == [], "an expression stands by itself"
        else:
            assert len(metric) % 2 == 0, "namespace, name, and pairs of a dimension and its value"
            assert all(isinstance(each, str) and each for each in metric)


require_properties = {"text": require_text, "alarm": require_alarms, "metric": require_metrics}


def test_widgets_do_not_overlap() -> None:
    taken = set()
    for widget in body(**EVERYTHING)["widgets"]:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        taken |= cells


def test_the_endpoint_is_shown_by_subnet_with_whole_dimensions() -> None:
    found = body(endpoint=ENDPOINT)
    graphs = [each["properties"] for each in found["widgets"] if each["type"] == "metric"]
    (expression,) = [each["metrics"][0][0]["expression"] for each in graphs if each["title"] == "Bytes"]
    assert expression == (
        'SEARCH(\'{AWS/PrivateLinkEndpoints,"Endpoint Type","Service Name","VPC Endpoint Id","VPC Id","Subnet Id"} '
        f'MetricName="BytesProcessed" "VPC Endpoint Id"="{ENDPOINT.endpoint_id}"\', \'Sum\', 300)'
    )
    assert "Active connections" in titles(found)
    assert "Dropped packets" in titles(found)
    elsewhere = body(endpoint=ENDPOINT, elsewhere=True)
    assert "Bytes" not in titles(elsewhere)
    assert "no metrics of an endpoint to a service in another Region" in json.dumps(elsewhere)


def test_the_command_that_proves_the_use_of_the_key_is_on_it() -> None:
    assert f"aws kms get-key-last-usage --region eu-west-1 --key-id {KEY}" in json.dumps(body(key_arn=KEY))
    assert "get-key-last-usage" not in json.dumps(body(filters="Pinekeep/search"))


def test_what_a_deployment_does_not_have_is_not_shown() -> None:
    assert titles(body()) == ["Notifications of the topic"]
    whole = titles(body(**EVERYTHING))
    assert whole == [
        "Alarms",
        "Refused calls",
        "Bytes",
        "Active connections",
        "Dropped packets",
        "Audit log files",
        "Notifications of the topic",
        "Events delivered by the rules",
        "Messages in the dead-letter queue",
        "Events forwarded from us-east-1",
    ]
    regions = {
        each["properties"]["title"]: each["properties"]["region"]
        for each in body(**EVERYTHING)["widgets"]
        if each["type"] == "metric"
    }
    assert regions.pop("Events forwarded from us-east-1") == "us-east-1"
    assert set(regions.values()) == {"eu-west-1"}


def test_rules_are_added_up_so_that_many_of_them_can_be_read() -> None:
    found = body(rules=[f"rule-{number}" for number in range(40)])
    (graph,) = [
        each["properties"] for each in found["widgets"] if each["properties"].get("title", "").endswith("rules")
    ]
    shown = [row[-1]["label"] for row in graph["metrics"] if row[-1].get("visible", True)]
    assert shown == ["delivered", "failed"]
    assert len(graph["metrics"]) == 2 + 2 * 40
    ids = [row[-1]["id"] for row in graph["metrics"]]
    assert len(set(ids)) == len(ids)
