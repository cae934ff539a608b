"""Services that the emulator does not know at all."""

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.facts import quotas


def test_resolver_rules_are_listed_with_the_vpcs_they_are_associated_with(embedded_aws: EmbeddedAws) -> None:
    resolver = embedded_aws.session().client("route53resolver")
    of_vpc = [{"Name": "VPCId", "Values": ["vpc-1"]}]
    assert resolver.list_resolver_rule_associations(Filters=of_vpc)["ResolverRuleAssociations"] == []
    made = resolver.create_resolver_rule(
        CreatorRequestId="1", RuleType="FORWARD", DomainName="pinecone.io", TargetIps=[{"Ip": "10.9.0.2"}]
    )["ResolverRule"]
    resolver.associate_resolver_rule(ResolverRuleId=made["Id"], VPCId="vpc-1")
    (rule,) = [each for each in resolver.list_resolver_rules()["ResolverRules"] if each["Id"] == made["Id"]]
    assert (rule["DomainName"], rule["RuleType"], rule["TargetIps"]) == (
        "pinecone.io.",
        "FORWARD",
        [{"Ip": "10.9.0.2"}],
    )
    (found,) = resolver.list_resolver_rule_associations(Filters=of_vpc)["ResolverRuleAssociations"]
    assert (found["ResolverRuleId"], found["VPCId"]) == (made["Id"], "vpc-1")
    others = [{"Name": "VPCId", "Values": ["vpc-2"]}]
    assert resolver.list_resolver_rule_associations(Filters=others)["ResolverRuleAssociations"] == []
    resolver.disassociate_resolver_rule(ResolverRuleId=made["Id"], VPCId="vpc-1")
    assert resolver.list_resolver_rule_associations(Filters=of_vpc)["ResolverRuleAssociations"] == []


def test_a_quota_is_awss_default(embedded_aws: EmbeddedAws) -> None:
    client = embedded_aws.session().client("service-quotas")
    for each in quotas.ALL:
        found = client.get_service_quota(ServiceCode=each.service, QuotaCode=each.code)["Quota"]
        assert found["Value"] == each.default


def test_any_other_call_is_refused(embedded_aws: EmbeddedAws) -> None:
    with pytest.raises(ClientError, match="UnknownOperationException"):
        embedded_aws.session().client("service-quotas").list_services()


def test_dhcp_options_are_there_by_default_and_found_by_a_filter(embedded_aws: EmbeddedAws) -> None:
    ec2 = embedded_aws.session().client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]

    def found(options: str) -> list[dict[str, object]]:
        asked = [{"Name": "dhcp-options-id", "Values": [options]}]
        answer: list[dict[str, object]] = ec2.describe_dhcp_options(Filters=asked)["DhcpOptions"]
        return answer

    (options,) = found(vpc["DhcpOptionsId"])
    servers = {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}
    assert options["DhcpConfigurations"] == [servers]
    assert found("dopt-0a1b2c3d") == []
