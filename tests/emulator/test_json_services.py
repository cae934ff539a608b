"""Services that the emulator does not know at all."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.facts import quotas
from tests.emulator.stack_sets_support import Administrator, refused


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


def test_the_quotas_of_stack_sets_are_listed_and_enforced(
    embedded_aws: EmbeddedAws, fleet: Administrator, units: dict[str, str], unique: Callable[[str], str]
) -> None:
    client, name = embedded_aws.session().client("service-quotas"), unique("quota")
    fleet.create(name, PermissionModel="SERVICE_MANAGED")

    def values(call: str) -> dict[str, float]:
        return {
            each["QuotaName"]: each["Value"] for each in getattr(client, call)(ServiceCode="cloudformation")["Quotas"]
        }

    defaults = {"Stack instances per stack set": 100_000, "Stack sets per administrator account": 1_000}
    assert values("list_service_quotas") == values("list_aws_default_service_quotas") == defaults
    embedded_aws.set_stack_set_quota("Stack instances per stack set", 2)
    embedded_aws.set_stack_set_quota("Stack sets per administrator account", 1)
    try:
        lowered = {"Stack instances per stack set": 2, "Stack sets per administrator account": 1}
        assert values("list_service_quotas") == lowered
        assert values("list_aws_default_service_quotas") == defaults
        refused(lambda: fleet.create(unique("quota")), "LimitExceededException", "of 1 stack sets")
        targets = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev"]]}}
        call = fleet.client.create_stack_instances
        refused(
            lambda: call(StackSetName=name, Regions=["us-east-1"], **targets),
            "LimitExceededException",
            "3 of 2 stack instances",
        )
        assert fleet.instances(name) == {}
    finally:
        embedded_aws.set_stack_set_quota("Stack instances per stack set", None)
        embedded_aws.set_stack_set_quota("Stack sets per administrator account", None)
    assert values("list_service_quotas") == defaults


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
