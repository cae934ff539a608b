"""Settings that decide nothing about the key or the way: each is noted, with what it means."""

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

ROLE, ENDPOINT = "role-settings", "endpoint-settings"
NAME = "pinekeep-prod-us-east-1"
WIDE = {"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}
NARROW = {"Statement": [{"Action": "*", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Resource": "*"}]}


def test_what_is_as_in_the_template_passes(world: "World") -> None:
    assert (world.finding(ROLE).status, world.finding(ENDPOINT).status) == ("ok", "ok")


@pytest.mark.parametrize(
    ("changes", "found", "meaning", "fix"),
    [
        (
            {"MaxSessionDuration": 43200},
            "a session lasts up to 720 minutes",
            "whoever holds a session's credentials holds them longer",
            f"aws iam update-role --role-name {NAME} --max-session-duration 3600",
        ),
        (
            {"Description": "mine"},
            "the description is 'mine'",
            "It has no effect on access",
            f"aws iam update-role --role-name {NAME} --description 'Assumed by Pinecone",
        ),
        ({"Description": None}, "there is no description", "It has no effect on access", "aws iam update-role"),
        (
            {"Tags": []},
            "pinekeep:deployment is missing",
            "its tags tell whose it is",
            f"aws iam tag-role --role-name {NAME} --tags 'Key=pinekeep:deployment,Value=prod'",
        ),
        (
            {"Tags": [{"Key": "pinekeep:deployment", "Value": "x"}]},
            "pinekeep:deployment is x",
            "its tags tell whose it is",
            "aws iam tag-role",
        ),
    ],
)
def test_each_setting_of_the_role_is_noted_and_fails_nothing(
    world: "World", changes: dict[str, Any], found: str, meaning: str, fix: str
) -> None:
    told = world.changed("role", **changes)
    assert told.all_failures() == set()
    noted = told.finding(ROLE)
    assert (noted.status, noted.found) == ("note", found)
    assert meaning in str(noted.meaning)
    assert str(noted.fix).startswith(fix)


@pytest.mark.parametrize(
    ("changes", "found", "meaning", "option"),
    [
        (
            {"PolicyDocument": json.dumps(NARROW)},
            "the endpoint has a policy of its own",
            "an endpoint policy does nothing for a service that is not AWS's own",
            "--reset-policy",
        ),
        (
            {"IpAddressType": "dualstack"},
            "the endpoint's addresses are of type dualstack",
            "IPv4 works on",
            "--ip-address-type ipv4",
        ),
        (
            {"IpAddressType": "ipv6"},
            "the endpoint's addresses are of type ipv6",
            "Clients with IPv4 alone have no way",
            "--ip-address-type ipv4",
        ),
        (
            {"DnsOptions": {"DnsRecordIpType": "ipv6"}},
            "the endpoint's names have records of type ipv6",
            "Clients that ask for an address of another type",
            "--dns-options DnsRecordIpType=ipv4",
        ),
        (
            {"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": True}},
            "the private DNS name answers through inbound Resolver endpoints alone",
            "Clients in the VPC find Pinecone's public addresses",
            "--dns-options PrivateDnsOnlyForInboundResolverEndpoint=false",
        ),
        ({"Tags": []}, "pinekeep:deployment is missing", "its tags tell whose it is", "--tags 'Key=pinekeep"),
    ],
)
def test_each_setting_of_the_endpoint_is_noted_and_fails_nothing(
    world: "World", changes: dict[str, Any], found: str, meaning: str, option: str
) -> None:
    told = world.changed("endpoint", **changes)
    assert told.all_failures() == set()
    noted = told.finding(ENDPOINT)
    assert (noted.status, noted.found) == ("note", found)
    assert meaning in str(noted.meaning)
    assert option in str(noted.fix)
    assert "vpce-0123456789abcdef0 --region us-east-1" in str(noted.fix)


@pytest.mark.parametrize("policy", [None, WIDE, json.dumps(WIDE)])
def test_full_access_is_the_default_in_any_shape(world: "World", policy: Any) -> None:
    assert world.changed("endpoint", PolicyDocument=policy).finding(ENDPOINT).status == "ok"


def test_further_tags_are_their_owners(world: "World") -> None:
    role = world.live.role
    assert isinstance(role, dict)
    assert world.changed("role", Tags=[*role["Tags"], {"Key": "a", "Value": "b"}]).finding(ROLE).status == "ok"
