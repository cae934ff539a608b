from typing import Any

import pytest

from tests.operations.preflight.conftest import (
    CLIENT_VPC,
    HOSTED_ZONE,
    LINK_STACK,
    PROFILE,
    VPC,
    ZONE,
    Scene,
    right_zone,
    stack,
)

OTHER = "rp-0other"


def associated(scene: Scene, profile: str, vpc: str = CLIENT_VPC) -> Scene:
    return scene.when(profile_associations=[{"ProfileId": profile, "ResourceId": vpc, "Id": "rpassoc-1"}])


def deployed(scene: Scene, **outputs: str) -> Scene:
    told = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    return scene.when(private_link_stack=stack(LINK_STACK, "CREATE_COMPLETE") | {"Outputs": told})


# --- The hosted zone ---


def test_a_zone_that_is_not_there_stands_in_the_way(profiled: Scene) -> None:
    gone = profiled.when(adopted_zone=None, adopted_zone_records=None)
    assert gone.refusal("adopted-zone") == f"there is no hosted zone {HOSTED_ZONE} in account 111122223333"


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        (right_zone(HOSTED_ZONE, VPC, name="example.com."), f"{HOSTED_ZONE} is named example.com, not {ZONE}"),
        (right_zone(HOSTED_ZONE, VPC, private=False), f"{HOSTED_ZONE} is a public zone"),
    ],
)
def test_a_zone_of_another_name_or_kind_stands_in_the_way(profiled: Scene, zone: Any, told: str) -> None:
    assert profiled.when(adopted_zone=zone).refusal("adopted-zone") == told


@pytest.mark.parametrize("kind", ["A", "AAAA", "CNAME"])
def test_a_wildcard_record_that_exists_stands_in_the_way(profiled: Scene, kind: str) -> None:
    taken = profiled.when(adopted_zone_records=[{"Name": f"\\052.{ZONE}.", "Type": kind}])
    assert taken.refusal("adopted-zone-records") == f"{HOSTED_ZONE} has a record *.{ZONE} of type {kind}"
    assert not deployed(taken, HostedZoneId=HOSTED_ZONE, ProfileId=PROFILE).of("adopted-zone-records")


def test_other_records_of_the_zone_do_not_matter(profiled: Scene) -> None:
    records = [{"Name": f"*.{ZONE}.", "Type": "TXT"}, {"Name": f"x.{ZONE}.", "Type": "A"}]
    assert profiled.when(adopted_zone_records=records).finding("adopted-zone-records").status == "ok"


def test_a_vpc_without_the_zone_is_noted(scene: Scene, profiled: Scene) -> None:
    alone = scene.configured(private_link={"hosted_zone_id": HOSTED_ZONE})
    assert f"is not associated with {CLIENT_VPC};" in alone.note("adopted-zone-vpcs")
    assert "pinekeep private-link associate --deployment prod" in str(alone.finding("adopted-zone-vpcs").fix)
    assert profiled.finding("adopted-zone-vpcs").status == "ok", "a Profile gives the zone to the client VPCs"


def test_the_adopted_zone_is_no_conflict_and_another_one_is(scene: Scene) -> None:
    own = scene.configured(private_link={"hosted_zone_id": HOSTED_ZONE})
    zone = {"HostedZoneId": HOSTED_ZONE, "Name": f"{ZONE}."}
    assert own.when(hosted_zones={VPC: [zone], CLIENT_VPC: []}).blocked() == set()
    other = own.when(hosted_zones={VPC: [{**zone, "HostedZoneId": "Z0OTHER"}], CLIENT_VPC: []})
    assert other.blocked() == {"hosted-zone-conflict"}


def test_a_bridge_conflicts_with_a_zone_of_its_own_name_alone(scene: Scene) -> None:
    bridged = scene.configured(private_link={"dns": "none", "dns_bridge": True})
    whole = {"HostedZoneId": "Z0OTHER", "Name": f"{ZONE}."}
    narrow = {"HostedZoneId": "Z0OTHER", "Name": f"svc.{ZONE}."}
    assert bridged.when(hosted_zones={VPC: [whole]}).blocked() == set()
    assert bridged.when(hosted_zones={VPC: [narrow]}).blocked() == {"hosted-zone-conflict"}
    assert scene.when(hosted_zones={VPC: [narrow]}).blocked() == set()


# --- Profiles ---


def test_a_profile_that_is_not_there_stands_in_the_way(profiled: Scene) -> None:
    assert (
        profiled.when(adopted_profile=None)
        .refusal("adopted-profile")
        .startswith(f"there is no Route 53 Profile {PROFILE} for account 111122223333")
    )


def test_a_profile_that_is_not_complete_stands_in_the_way(profiled: Scene) -> None:
    assert profiled.changed("adopted_profile", Status="CREATING").refusal("adopted-profile") == (
        f"{PROFILE} is in state CREATING"
    )


def test_a_shared_profile_is_noted_with_what_its_owner_has_to_allow(profiled: Scene) -> None:
    shared = profiled.changed("adopted_profile", OwnerId="444455556666")
    assert shared.note("adopted-profile") == f"{PROFILE} belongs to account 444455556666, which shares it"
    assert "route53profiles:AssociateResourceToProfile" in str(shared.finding("adopted-profile").fix)


def test_a_profile_with_a_zone_of_that_name_stands_in_the_way(profiled: Scene) -> None:
    zones = [{"Id": "Z0OTHER", "Name": f"{ZONE}."}, {"Id": "Z0UNKNOWN", "Name": None}]
    taken = profiled.when(profile_zones={PROFILE: zones})
    assert taken.refusal("adopted-profile") == f"{PROFILE} has a zone of that name already: Z0OTHER"
    own = profiled.when(profile_zones={PROFILE: [{"Id": HOSTED_ZONE, "Name": f"{ZONE}."}]})
    assert own.blocked() == set()
    made = deployed(taken, HostedZoneId="Z0OTHER", ProfileId=PROFILE)
    assert made.finding("adopted-profile").status == "ok"


def test_a_client_vpc_with_a_profile_stands_in_the_way_of_another(profiled: Scene) -> None:
    taken = associated(profiled, OTHER)
    assert taken.refusal("profile-conflict") == (
        f"{CLIENT_VPC} is associated with the Route 53 Profile {OTHER} already"
    )
    assert f"disassociate-profile --profile-id {OTHER} --resource-id {CLIENT_VPC}" in str(
        taken.finding("profile-conflict").fix
    )


def test_an_association_with_the_same_profile_exists_already(profiled: Scene) -> None:
    taken = associated(profiled, PROFILE)
    assert taken.blocked() == {"profile-conflict"}
    assert str(taken.finding("profile-conflict").fix) == (
        f"remove {CLIENT_VPC} from private_link.client_vpc_ids: it has the Profile"
    )
    assert deployed(taken, ProfileId=PROFILE, HostedZoneId=HOSTED_ZONE).blocked() == set()


def test_the_endpoints_own_vpc_may_have_a_profile(profiled: Scene) -> None:
    assert associated(profiled, OTHER, VPC).blocked() == set()


@pytest.mark.parametrize(("name", "told"), [(ZONE, "takes precedence"), (f"svc.{ZONE}", "the names below it")])
def test_a_profile_with_a_zone_of_the_names_is_noted(scene: Scene, name: str, told: str) -> None:
    found = associated(scene, OTHER, VPC).when(profile_zones={OTHER: [{"Id": "Z0OTHER", "Name": f"{name}."}]})
    assert found.note("profile-conflict") == (
        f"Z0OTHER ({name}) of the Route 53 Profile {OTHER} answers in {VPC} already"
    )
    assert told in str(found.finding("profile-conflict").fix)
    elsewhere = associated(scene, OTHER, VPC).when(profile_zones={OTHER: [{"Id": "Z1", "Name": "example.com."}]})
    assert elsewhere.finding("profile-conflict").status == "ok"
