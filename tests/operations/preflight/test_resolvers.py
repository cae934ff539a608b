"""Who answers the DNS queries of the clients: told, and in nobody's way."""

from tests.operations.preflight.conftest import CLIENT_VPC, VPC, ZONE, Scene, amazons_options

TARGETS = [{"Ip": "10.9.0.2"}, {"Ip": "10.9.1.2"}]


def rule(domain: str, kind: str = "FORWARD") -> dict[str, object]:
    return {"Id": "rslvr-rr-1", "DomainName": f"{domain}.", "RuleType": kind, "TargetIps": TARGETS}


def test_servers_of_ones_own_are_noted_with_what_to_do(scene: Scene) -> None:
    servers = {"Key": "domain-name-servers", "Values": [{"Value": "10.9.0.2"}, {"Value": "10.9.1.2"}]}
    own = {"DhcpOptionsId": "dopt-9", "DhcpConfigurations": [servers]}
    told = scene.when(dhcp_options={VPC: own, CLIENT_VPC: amazons_options()})
    assert told.note("vpc-dns-servers") == (
        f"the DHCP options dopt-9 of {VPC} name other DNS servers: 10.9.0.2, 10.9.1.2"
    )
    found = told.finding("vpc-dns-servers")
    assert f"forward {ZONE} to an inbound endpoint" in str(found.fix)
    assert f"--vpc-id {VPC}" in str(found.fix)
    assert "--region us-east-1" in str(found.fix)


def test_the_vpcs_own_resolver_is_known_by_its_address(scene: Scene) -> None:
    servers = {"Key": "domain-name-servers", "Values": [{"Value": "10.2.0.2"}, {"Value": "169.254.169.253"}]}
    own = {"DhcpOptionsId": "dopt-9", "DhcpConfigurations": [servers]}
    told = scene.when(dhcp_options={VPC: own}, vpcs={VPC: {"VpcId": VPC, "CidrBlock": "10.2.0.0/16"}})
    assert told.finding("vpc-dns-servers").status == "ok"


def test_options_that_cannot_be_seen_are_no_tick(scene: Scene) -> None:
    assert scene.when(dhcp_options={VPC: None}).note("vpc-dns-servers") == (
        f"the DHCP options of {VPC} cannot be seen from this account"
    )


def test_a_rule_that_sends_the_zone_elsewhere_is_noted_with_the_command(scene: Scene) -> None:
    told = scene.when(resolver_rules={VPC: [rule(ZONE)]})
    assert told.note("vpc-resolver-rules") == (
        f"Resolver rule rslvr-rr-1 sends {ZONE} from {VPC} to 10.9.0.2, 10.9.1.2"
    )
    assert f"disassociate-resolver-rule --vpc-id {VPC} --resolver-rule-id rslvr-rr-1 --region us-east-1" in str(
        told.finding("vpc-resolver-rules").fix
    )


def test_a_rule_for_a_parent_domain_is_noted_with_what_goes_before_it(scene: Scene) -> None:
    told = scene.when(resolver_rules={VPC: [rule("pinecone.io")]})
    assert "sends pinecone.io from" in told.note("vpc-resolver-rules")
    assert "The private zone goes before the rule" in str(told.finding("vpc-resolver-rules").meaning)
    assert "sends every name from" in scene.when(resolver_rules={VPC: [rule("")]}).note("vpc-resolver-rules")


def test_without_rules_all_is_well(scene: Scene) -> None:
    assert scene.when(resolver_rules={VPC: [rule("example.com")]}).finding("vpc-resolver-rules").status == "ok"
