"""Two phases on an AWS: an endpoint whose service accepts each connection gets its DNS when it is accepted."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import PROVIDER_ACCOUNT
from pinekeep.model.facts.pinecone import PRIVATE_LINK
from tests.e2e.endpoint_life import Life, client_of, fast

pytestmark = pytest.mark.e2e


@pytest.fixture
def life(aws: EmbeddedAws, tmp_path: Path) -> Iterator[Life]:
    """A deployment whose endpoint must be accepted."""
    provider = aws.session(PROVIDER_ACCOUNT).client("ec2")
    service = PRIVATE_LINK["us-east-1"].service_name.rpartition(".")[2]
    provider.modify_vpc_endpoint_service_configuration(ServiceId=service, AcceptanceRequired=True)
    made = Life(aws, f"phases-{tmp_path.name[-8:].replace('_', '-').strip('-')}", tmp_path / "pinekeep.yaml")
    with fast(aws, tmp_path), pytest.MonkeyPatch.context() as patched:
        patched.setattr("pinekeep.operations.deployment.acceptance.PAUSE", 0.2)
        yield made
    made.delete_stack(made.link_stack)
    provider.modify_vpc_endpoint_service_configuration(ServiceId=service, AcceptanceRequired=False)


def shown(life: Life) -> Any:
    endpoint = life.outputs(life.link_stack)["VpcEndpointId"]
    return client_of(life.aws, "ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]


def test_a_second_deploy_wires_the_endpoint_when_it_is_accepted(life: Life) -> None:
    planned = life.pinekeep("plan", "--json")
    assert [each["endpoint_id"] for each in planned.json["waiting"]] == [None]
    first = life.pinekeep("deploy", "--yes", "--json")
    assert first.code == 0
    endpoint = shown(life)
    assert (endpoint["State"], endpoint["PrivateDnsEnabled"]) == ("pendingAcceptance", False)
    (left,) = first.json["waiting"]
    assert (left["endpoint_id"], left["state"]) == (endpoint["VpcEndpointId"], "pendingAcceptance")
    assert f"left: {left['why']}" in " ".join(first.err.split())
    again = life.pinekeep("deploy", "--yes", "--json")
    assert (again.code, again.json["changed"], len(again.json["waiting"])) == (0, False, 1)

    life.aws.accept_endpoint(endpoint["VpcEndpointId"])
    second = life.pinekeep("deploy", "--yes", "--json")
    assert (second.code, second.json["changed"], second.json["waiting"]) == (0, True, [])
    assert shown(life)["PrivateDnsEnabled"] is True
    assert "PrivateDnsEnabled" in str(second.json["plan"])


def test_deploy_wait_does_both(life: Life) -> None:
    def decide() -> None:
        while "VpcEndpointId" not in life.outputs(life.link_stack):
            time.sleep(0.1)
        life.aws.accept_endpoint(life.outputs(life.link_stack)["VpcEndpointId"])

    provider = threading.Thread(target=decide)
    provider.start()
    both = life.pinekeep("deploy", "--yes", "--wait", "2", "--json")
    provider.join()
    assert (both.code, both.json["changed"], both.json["waiting"]) == (0, True, [])
    assert (shown(life)["State"], shown(life)["PrivateDnsEnabled"]) == ("available", True)
    assert not life.pinekeep("deploy", "--yes", "--json").json["changed"]
