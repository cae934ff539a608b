"""Which servers and rules lead queries away from the VPC's own resolver."""

from typing import Any

import pytest

from pinekeep.account.reads.resolvers import diversions, options_by_vpc, other_servers, rules_by_vpc

ZONE = "private.aped-4627-b74a.pinecone.io"


def rule(domain: str, kind: str = "FORWARD") -> dict[str, Any]:
    return {"Id": f"{kind} {domain}", "DomainName": domain, "RuleType": kind, "TargetIps": [{"Ip": "10.9.0.2"}]}


@pytest.mark.parametrize(
    ("domain", "extent"),
    [(f"{ZONE}.", "zone"), (f"svc.{ZONE}.", "below"), ("pinecone.io.", "above"), ("io.", "above"), (".", "above")],
)
def test_a_rule_for_the_zone_or_around_it_diverts(domain: str, extent: str) -> None:
    (found,) = diversions([rule(domain)], ZONE)
    assert (found.extent, found.targets) == (extent, ("10.9.0.2",))
    assert found.domain == (domain.rstrip(".") or ".")


@pytest.mark.parametrize("domain", ["example.com.", "cone.io.", "not-pinecone.io."])
def test_a_rule_for_something_else_does_not(domain: str) -> None:
    assert diversions([rule(domain)], ZONE) == []


def test_only_the_most_specific_rule_above_counts() -> None:
    assert [each.domain for each in diversions([rule("."), rule("pinecone.io.")], ZONE)] == ["pinecone.io"]
    assert diversions([rule("."), rule("pinecone.io.", "SYSTEM")], ZONE) == []


@pytest.mark.parametrize("kind", ["SYSTEM", "RECURSIVE", "DELEGATE"])
def test_rules_that_forward_nothing_divert_nothing(kind: str) -> None:
    assert diversions([rule(f"{ZONE}.", kind)], ZONE) == []


def test_servers_besides_amazons_are_told() -> None:
    values = ["AmazonProvidedDNS", "169.254.169.253", "10.0.0.2", "10.9.0.2"]
    options = {
        "DhcpConfigurations": [
            {"Key": "domain-name", "Values": [{"Value": "example.com"}]},
            {"Key": "domain-name-servers", "Values": [{"Value": each} for each in values]},
        ]
    }
    assert other_servers(options) == ["10.0.0.2", "10.9.0.2"]
    assert other_servers(options, resolver="10.0.0.2") == ["10.9.0.2"]


def test_each_vpc_has_its_options_and_rules() -> None:
    vpcs = [{"VpcId": "vpc-1", "DhcpOptionsId": "dopt-1"}, {"VpcId": "vpc-2", "DhcpOptionsId": "dopt-2"}]
    options = {"DhcpOptionsId": "dopt-1"}
    assert options_by_vpc(vpcs, [options]) == {"vpc-1": options, "vpc-2": None}
    associations = [{"ResolverRuleId": each, "VPCId": "vpc-1"} for each in ("SYSTEM .", "gone")]
    assert rules_by_vpc(associations, [rule(".", "SYSTEM")]) == {"vpc-1": [rule(".", "SYSTEM")]}
