from typing import Any

import pytest

from tests.operations.preflight.conftest import CLIENT_VPC, SERVICE, VPC, ZONE, Scene


def endpoint(**changes: Any) -> dict[str, Any]:
    base = {"VpcEndpointId": "vpce-0a0a0a0a", "VpcId": VPC, "ServiceName": SERVICE, "State": "available"}
    return {**base, "VpcEndpointType": "Interface", "PrivateDnsEnabled": True, **changes}


def zone(name: str, **owner: str) -> dict[str, Any]:
    return {"HostedZoneId": "Z0OTHER", "Name": name, "Owner": owner}


@pytest.mark.parametrize("dns", ["endpoint", "hosted-zone"])
def test_an_endpoint_that_answers_to_the_names_already_stands_in_the_way(scene: Scene, dns: str) -> None:
    taken = scene.configured(private_link={"dns": dns, "client_vpc_ids": []}).when(endpoints=[endpoint()])
    assert taken.refusal("endpoint-conflict") == (
        f"vpce-0a0a0a0a in {VPC} leads to Pinecone already, and answers to its private names"
    )
    assert "--no-private-dns-enabled --vpc-endpoint-id vpce-0a0a0a0a" in str(taken.finding("endpoint-conflict").fix)


def test_a_second_endpoint_that_nobody_asks_by_name_is_noted(scene: Scene) -> None:
    silent = scene.when(endpoints=[endpoint(PrivateDnsEnabled=False)])
    assert silent.note("endpoint-conflict") == f"vpce-0a0a0a0a in {VPC} leads to Pinecone already"
    own_dns = scene.configured(private_link={"dns": "none", "client_vpc_ids": []})
    assert own_dns.when(endpoints=[endpoint()]).note("endpoint-conflict")


@pytest.mark.parametrize(
    "changes",
    [
        {"ServiceName": "com.amazonaws.us-east-1.s3"},
        *({"State": state} for state in ("deleting", "Rejected", "expired")),
    ],
)
def test_other_endpoints_and_those_that_are_gone_do_not_matter(scene: Scene, changes: dict[str, Any]) -> None:
    assert scene.when(endpoints=[endpoint(**changes)]).finding("endpoint-conflict").status == "ok"


@pytest.mark.parametrize("vpc", [VPC, CLIENT_VPC])
@pytest.mark.parametrize("name", [f"{ZONE}.", f"{ZONE.upper()}", f"\\052.{ZONE}."])
def test_a_zone_of_the_same_name_stands_in_the_way_in_every_vpc(scene: Scene, vpc: str, name: str) -> None:
    taken = scene.changed("hosted_zones", **{vpc: [zone(name, OwningAccount="222233334444")]})
    found = taken.refusal("hosted-zone-conflict")
    assert found.startswith("Z0OTHER (")
    assert found.endswith(f", of 222233334444) answers in {vpc} already")
    assert f"take that one off {vpc}" in str(taken.finding("hosted-zone-conflict").fix)
    assert "AWS refuses it for a zone's last VPC, so associate another one first" in str(
        taken.finding("hosted-zone-conflict").fix
    )


def test_the_zone_of_an_endpoints_own_names_is_told_as_its_services(scene: Scene) -> None:
    taken = scene.changed("hosted_zones", **{VPC: [zone(ZONE, OwningService="vpce.amazonaws.com")]})
    assert ", of vpce.amazonaws.com)" in taken.refusal("hosted-zone-conflict")


def test_a_zone_below_the_name_is_noted(scene: Scene) -> None:
    below = scene.changed("hosted_zones", **{VPC: [zone(f"svc.{ZONE}.")]})
    assert below.note("hosted-zone-conflict") == f"Z0OTHER (svc.{ZONE}) answers in {VPC} already"


@pytest.mark.parametrize("name", ["pinecone.io.", "example.com.", f"not{ZONE}."])
def test_zones_above_the_name_and_beside_it_do_not_matter(scene: Scene, name: str) -> None:
    beside = scene.changed("hosted_zones", **{VPC: [zone(name)]})
    assert beside.finding("hosted-zone-conflict").status == "ok"


# --- The project's endpoints ---


def endpoints(number: int, **changes: Any) -> list[dict[str, Any]]:
    return [endpoint(VpcEndpointId=f"vpce-{each:08x}", **changes) for each in range(number)]


def test_the_eleventh_endpoint_of_the_account_is_noted(scene: Scene) -> None:
    assert scene.when(project_endpoints=endpoints(9)).finding("project-endpoints").status == "ok"
    full = scene.when(project_endpoints=endpoints(10))
    assert full.note("project-endpoints") == (
        "10 in account 111122223333, us-east-1, and 1 to be created; a Pinecone project takes 10"
    )
    assert "vpce-00000009" in str(full.finding("project-endpoints").fix)
    gone = scene.when(project_endpoints=endpoints(10, State="Deleted"))
    assert gone.finding("project-endpoints").status == "ok"
    two = scene.configured(private_link={"standby": 2}).when(project_endpoints=endpoints(9))
    assert "and 2 to be created" in two.note("project-endpoints")
