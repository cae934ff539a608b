"""Reads of the endpoint: stack, endpoint, security group, and the DNS of its VPC."""

import re
from collections.abc import Callable, Iterator
from functools import partialmethod
from typing import Any, Final

from pinekeep.account.reads.answers import first, output_of, outputs_of, part, physical_ids
from pinekeep.account.reads.permissions import ALSO_PERMISSIONS
from pinekeep.account.reads.reader import Reader
from pinekeep.account.reads.resolvers import rules_by_vpc
from pinekeep.model.config.models import endpoint_service_of
from pinekeep.model.naming import Output

_ENDPOINT_ID: Final = re.compile(r"vpce-[0-9a-f]{8,17}\b")
_MADE: Final = {
    Output.VPC_ID: "AWS::EC2::VPC",
    Output.SUBNET_IDS: "AWS::EC2::Subnet",
    Output.SECURITY_GROUP_ID: "AWS::EC2::SecurityGroup",
    Output.HOSTED_ZONE_ID: "AWS::Route53::HostedZone",
}
"""The outputs that name the stack's resources, with the type of each."""

_ASSOCIATIONS, _RULES = ALSO_PERMISSIONS["resolver_rules"]
_RESOLVER_PAGE: Final = 100
"""The most items in one response of Route 53 Resolver."""

_RECORDS_PAGE: Final = "300"
"""The most records in one response of Route 53."""


class NetworkReader(Reader):
    """Reads what belongs to ``private_link``."""

    # --- CloudFormation ---

    def _private_link_stack(self) -> Any:
        if self._deployment.private_link is None:
            return None
        return first(
            self._ask("private_link_stack", StackName=self._deployment.stack_of("private_link", self._name)), "Stacks"
        )

    def _private_link_resources(self) -> Any:
        """Return the stack's resources: from its outputs, or by a call where an earlier version deployed it."""
        stack = self.read("private_link_stack")
        if not isinstance(stack, dict):
            return stack
        if Output.SECURITY_GROUP_ID in outputs_of(stack):
            return list(_made(outputs_of(stack)))
        answer = self._ask("private_link_resources", StackName=self._deployment.stack_of("private_link", self._name))
        return part(answer, "StackResources")

    # --- EC2 ---

    def _endpoints(self) -> Any:
        """Return all endpoints in the stack's outputs, and those in the record of the handover where it is read."""
        stack = self.read("private_link_stack")
        if stack is not None and not isinstance(stack, dict):
            return stack
        outputs = outputs_of(stack) if stack else {}
        known = {outputs.get(each) for each in (Output.VPC_ENDPOINT_ID, Output.STANDBY_VPC_ENDPOINT_ID)} - {None}
        parameters = self.read("parameters") if self.reads("parameters") else None
        if isinstance(parameters, dict):
            known |= {found for each in parameters.values() for found in _ENDPOINT_ID.findall(str(each["Value"]))}
        if not known:
            return None
        # By a filter, because EC2 refuses a list of IDs with one that it does not know.
        wanted = [{"Name": "vpc-endpoint-id", "Values": sorted(map(str, known))}]
        return part(self._ask("endpoints", Filters=wanted), "VpcEndpoints")

    def _endpoint(self) -> Any:
        endpoint_id = output_of(self.read("private_link_stack"), Output.VPC_ENDPOINT_ID)
        found = self.read("endpoints")
        if not isinstance(endpoint_id, str):
            return endpoint_id
        if not isinstance(found, list):
            return found
        return next((each for each in found if each["VpcEndpointId"] == endpoint_id), None)

    def _security_groups(self) -> Any:
        endpoint = self.read("endpoint")
        if not isinstance(endpoint, dict):
            return endpoint
        ids = [group["GroupId"] for group in endpoint.get("Groups") or []]
        return part(self._ask("security_groups", GroupIds=ids), "SecurityGroups") if ids else []

    def _network_acls(self) -> Any:
        endpoint = self.read("endpoint")
        if not isinstance(endpoint, dict):
            return endpoint
        subnets = list(endpoint.get("SubnetIds") or [])
        asked = [{"Name": "association.subnet-id", "Values": subnets}]
        return part(self._ask("network_acls", Filters=asked), "NetworkAcls") if subnets else []

    def _vpc_attribute(self, field: str, attribute: str, name: str) -> Any:
        link = self._deployment.private_link
        if link is None or not link.resolves:
            return None
        vpc_id = link.vpc_id or part(self.read("endpoint"), "VpcId")
        if not isinstance(vpc_id, str):
            return vpc_id
        return part(part(self._ask(field, VpcId=vpc_id, Attribute=attribute), name), "Value")

    _dns_support = partialmethod(_vpc_attribute, "dns_support", "enableDnsSupport", "EnableDnsSupport")
    _dns_hostnames = partialmethod(_vpc_attribute, "dns_hostnames", "enableDnsHostnames", "EnableDnsHostnames")

    def _vpcs(self) -> Any:
        """Return the IDs of the VPCs whose clients use the endpoint; an unreadable endpoint as it is."""
        link, endpoint = self._deployment.private_link, self.read("endpoint")
        if not isinstance(endpoint, dict) or link is None:
            return endpoint
        return list(dict.fromkeys([str(endpoint["VpcId"]), *link.client_vpc_ids]))

    def _vpc_endpoints(self) -> Any:
        vpcs = self._vpcs()
        if not isinstance(vpcs, list):
            return vpcs
        service = endpoint_service_of(self._deployment).service_name
        asked = [{"Name": "vpc-id", "Values": vpcs}, {"Name": "service-name", "Values": [service]}]
        return part(self._ask("vpc_endpoints", Filters=asked), "VpcEndpoints")

    def _client_vpcs(self) -> Any:
        vpcs = self._vpcs()
        if not isinstance(vpcs, list):
            return vpcs
        return part(self._ask("client_vpcs", Filters=[{"Name": "vpc-id", "Values": vpcs}]), "Vpcs")

    def _dhcp_options(self) -> Any:
        vpcs = self.read("client_vpcs")
        if not isinstance(vpcs, list):
            return vpcs
        ids = sorted({str(each["DhcpOptionsId"]) for each in vpcs if each.get("DhcpOptionsId")})
        asked = [{"Name": "dhcp-options-id", "Values": ids}]
        return part(self._ask("dhcp_options", Filters=asked), "DhcpOptions") if ids else []

    # --- Route 53 ---

    def _resolver_rules(self) -> Any:
        vpcs = self._vpcs()
        if not isinstance(vpcs, list):
            return vpcs
        asked = [{"Name": "VPCId", "Values": vpcs}]
        associations = self.each_page(_ASSOCIATIONS, "ResolverRuleAssociations", Filters=asked)
        if not isinstance(associations, list):
            return associations
        rules = self.each_page(_RULES, "ResolverRules") if associations else []
        return rules_by_vpc(associations, rules) if isinstance(rules, list) else rules

    def each_page(self, permission: str, name: str, **arguments: Any) -> Any:
        """Return a list of all pages of a call of Route 53 Resolver or Route 53 Profiles."""
        found: list[Any] = []
        asked: dict[str, Any] = {**arguments, "MaxResults": _RESOLVER_PAGE}
        while True:
            answer = self.call(permission, **asked)
            if not isinstance(answer, dict):
                return answer
            found += answer.get(name) or []
            if not answer.get("NextToken"):
                return found
            asked["NextToken"] = answer["NextToken"]

    def _vpc_zones(self) -> Any:
        vpcs = self._vpcs()
        if not isinstance(vpcs, list):
            return vpcs
        found: list[Any] = []
        for vpc in vpcs:
            asked = {"VPCId": vpc, "VPCRegion": self._deployment.region}
            while asked:
                answer = self._ask("vpc_zones", **asked)
                if not isinstance(answer, dict):
                    return answer
                found += [{**each, "VPCId": vpc} for each in answer["HostedZoneSummaries"]]
                token = answer.get("NextToken")
                asked = {**asked, "NextToken": token} if token else {}
        return found

    def _records(self) -> Any:
        """Return all records: one more specific than the wildcard takes precedence."""
        return self.all_records(self._of_zone)

    def all_records(self, of_zone: Callable[..., Any]) -> Any:
        """Return the records of every page; ``of_zone`` makes the call for one."""
        found: list[Any] = []
        asked: dict[str, str] = {"MaxItems": _RECORDS_PAGE}
        while True:
            answer = of_zone("records", **asked)
            if not isinstance(answer, dict):
                return answer
            found += answer["ResourceRecordSets"]
            if not answer.get("IsTruncated"):
                return found
            asked |= {
                f"Start{each}": str(answer[f"Next{each}"])
                for each in ("RecordName", "RecordType", "RecordIdentifier")
                if answer.get(f"Next{each}")
            }

    def _of_zone(self, field: str, **arguments: str) -> Any:
        link = self._deployment.private_link
        if link is None or not link.has_zone:
            return None
        resources = self.read("private_link_resources")
        if not isinstance(resources, list):
            return resources
        ids = [link.hosted_zone_id] if link.hosted_zone_id else physical_ids(resources, "AWS::Route53::HostedZone")
        if not ids:
            return None
        key = "Id" if field == "zone" else "HostedZoneId"
        return self._ask(field, **{key: ids[0]}, **arguments)

    _zone = partialmethod(_of_zone, "zone")


def _made(outputs: dict[str, str]) -> Iterator[dict[str, str]]:
    for output, kind in _MADE.items():
        for each in filter(None, outputs.get(output, "").split(",")):
            yield {"ResourceType": kind, "PhysicalResourceId": each}
