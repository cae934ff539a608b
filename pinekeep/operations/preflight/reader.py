"""Reading each value once, by the call that its permission is named after."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from pinekeep.account.reads.live import Unreadable
from pinekeep.account.reads.reader import ReadOnce
from pinekeep.account.reads.resolvers import options_by_vpc, rules_by_vpc
from pinekeep.decisions.privileges.scope import makes_key, makes_vpc
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import endpoint_service_of
from pinekeep.model.config.private_link import ExistingVpc, PrivateLink
from pinekeep.model.facts import quotas
from pinekeep.operations.preflight import simulation as simulating
from pinekeep.operations.preflight.inventory import FIELDS, PERMISSIONS, Count, is_new
from pinekeep.operations.preflight.queries import Asker

PAGE: Final = {"PaginationConfig": {"PageSize": 1000}}


class Reader(ReadOnce):
    """Reads the values of :class:`pinekeep.operations.preflight.inventory.Seen`."""

    def __init__(self, name: str, deployment: Deployment, asker: Asker) -> None:
        self._name = name
        self._deployment = deployment
        self._asker = asker
        super().__init__(FIELDS)

    def _ask(self, field: str, part: str | None = None, **arguments: Any) -> Any:
        """Make the call that a field's permission is named after, and return a part of the answer."""
        answer = self._asker.ask(self._deployment.region, PERMISSIONS[field][-1], **arguments)
        return answer.get(part) if part and isinstance(answer, dict) else answer

    def _all(self, field: str, part: str, **arguments: Any) -> Any:
        answer = self._asker.all_of(self._deployment.region, PERMISSIONS[field][-1], part, **arguments)
        return answer[0] if isinstance(answer, tuple) else answer

    def _count(self, field: str, part: str, **arguments: Any) -> Any:
        answer = self._asker.all_of(self._deployment.region, PERMISSIONS[field][-1], part, **arguments)
        return Count(len(answer[0]), answer[1]) if isinstance(answer, tuple) else answer

    def _quota(self, field: str, quota: quotas.Quota) -> Any:
        found = self._ask(field, "Quota", ServiceCode=quota.service, QuotaCode=quota.code)
        return found.get("Value") if isinstance(found, dict) else found

    @property
    def _link(self) -> PrivateLink | None:
        return self._deployment.private_link

    def _new(self, stack: str) -> bool:
        """Tell whether a stack is not there yet. Of one that cannot be read nobody knows."""
        return is_new(self.read(stack))

    @property
    def _makes_key_stack(self) -> bool:
        return self._deployment.cmek is not None and self._new("cmek_stack")

    @property
    def _makes_key(self) -> bool:
        return makes_key(self._deployment) and self._makes_key_stack

    @property
    def _makes_endpoint(self) -> bool:
        return self._link is not None and self._new("private_link_stack")

    @property
    def _existing_vpc(self) -> ExistingVpc | None:
        return self._link.vpc if self._link and isinstance(self._link.vpc, ExistingVpc) else None

    def _is_there(self, vpc_id: str) -> bool:
        """Tell whether a VPC is there, as far as that may be read."""
        vpcs = self.read("vpcs")
        return isinstance(vpcs, Unreadable) or vpc_id in vpcs

    @property
    def _makes_vpc(self) -> bool:
        return self._makes_endpoint and makes_vpc(self._deployment)

    @property
    def _vpc_ids(self) -> Sequence[str]:
        """The VPCs that the configuration names: the endpoint's, and those of further clients."""
        if self._link is None:
            return ()
        return [*([self._link.vpc_id] if self._link.vpc_id else []), *self._link.client_vpc_ids]

    @property
    def _resolves(self) -> bool:
        """Whether the deployment makes names resolve in its VPCs."""
        return self._link is not None and self._link.resolves


RESOLVER_PAGE: Final = {"PaginationConfig": {"PageSize": 100}}


class NetworkReads(Reader):
    """What is read of a deployment with an endpoint."""

    def _service(self) -> Any:
        if self._link is None:
            return None
        name, elsewhere = endpoint_service_of(self._deployment).service_name, self._link.service_region
        where = {"ServiceRegions": [elsewhere]} if elsewhere and elsewhere != self._deployment.region else {}
        found = self._ask("service", "ServiceDetails", ServiceNames=[name], **where)
        return (found[0] if found else None) if isinstance(found, list) else found

    def _zones(self) -> Any:
        return self._ask("zones", "AvailabilityZones") if self._link else None

    def _vpcs(self) -> Any:
        if not self._vpc_ids:
            return None
        found = self._ask("vpcs", "Vpcs", Filters=[filter_of("vpc-id", self._vpc_ids)])
        return {each["VpcId"]: each for each in found} if isinstance(found, list) else found

    def _dns(self) -> Any:
        if not self._resolves:
            return None
        return self._of_each_vpc(self._dns_of)

    def _dns_of(self, vpc_id: str) -> Any:
        told = []
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            part = attribute[0].upper() + attribute[1:]
            value = self._ask("dns", part, VpcId=vpc_id, Attribute=attribute)
            if not isinstance(value, dict):
                return value
            told.append(bool(value.get("Value")))
        return tuple(told)

    def _dhcp_options(self) -> Any:
        if not self._resolves:
            return None
        vpcs = self.read("vpcs")
        if not isinstance(vpcs, dict) or not vpcs:
            return vpcs
        ids = sorted({str(each["DhcpOptionsId"]) for each in vpcs.values() if each.get("DhcpOptionsId")})
        found = self._ask("dhcp_options", "DhcpOptions", Filters=[filter_of("dhcp-options-id", ids)]) if ids else []
        return options_by_vpc(vpcs.values(), found) if isinstance(found, list) else found

    def _resolver_rules(self) -> Any:
        if not self._resolves:
            return None
        vpcs = self.read("vpcs")
        if not isinstance(vpcs, dict) or not vpcs:
            return vpcs
        associations = self._all(
            "resolver_rules", "ResolverRuleAssociations", Filters=[filter_of("VPCId", list(vpcs))], **RESOLVER_PAGE
        )
        if not isinstance(associations, list):
            return associations
        if not associations:
            return rules_by_vpc(associations, ())
        rules = self._asker.all_of(
            self._deployment.region, PERMISSIONS["resolver_rules"][0], "ResolverRules", **RESOLVER_PAGE
        )
        return rules_by_vpc(associations, rules[0]) if isinstance(rules, tuple) else rules

    def _subnets(self) -> Any:
        vpc = self._existing_vpc
        return self._ask("subnets", "Subnets", Filters=[filter_of("subnet-id", vpc.subnet_ids)]) if vpc else None

    def _endpoints(self) -> Any:
        vpc_id = self._link.vpc_id if self._link else None
        if vpc_id is None or not self._makes_endpoint or not self._is_there(vpc_id):
            return None
        return self._all("endpoints", "VpcEndpoints", Filters=[filter_of("vpc-id", [vpc_id])], **PAGE)

    def _project_endpoints(self) -> Any:
        if self._link is None or self._link.adopted or not self._makes_endpoint:
            return None
        asked = filter_of("service-name", [endpoint_service_of(self._deployment).service_name])
        return self._all("project_endpoints", "VpcEndpoints", Filters=[asked], **PAGE)

    def _adopted_endpoint(self) -> Any:
        adopted = self._link.adopted if self._link else None
        if adopted is None:
            return None
        found = self._ask("adopted_endpoint", "VpcEndpoints", Filters=[filter_of("vpc-endpoint-id", [adopted])])
        return (
            next((each for each in found if each["VpcEndpointId"] == adopted), None)
            if isinstance(found, list)
            else found
        )

    def _hosted_zones(self) -> Any:
        if not self._resolves or not self._makes_endpoint:
            return None
        return self._of_each_vpc(
            lambda vpc_id: self._all(
                "hosted_zones", "HostedZoneSummaries", VPCId=vpc_id, VPCRegion=self._deployment.region
            )
        )

    def _endpoint_dry_run(self) -> Any:
        vpc = self._existing_vpc
        if vpc is None or not self._makes_endpoint or not self._is_there(vpc.id) or not self.read("service"):
            return None
        return simulating.endpoint_dry_run(self._asker, self._name, self._deployment, vpc)

    def _of_each_vpc(self, read: Callable[[str], Any]) -> Any:
        """Return what is read of each configured VPC that exists; what is unreadable of one is unreadable."""
        vpcs = self.read("vpcs")
        if not isinstance(vpcs, dict):
            return vpcs
        found = {vpc_id: read(vpc_id) for vpc_id in vpcs}
        closed = next((each for each in found.values() if isinstance(each, Unreadable)), None)
        return closed or {vpc_id: each for vpc_id, each in found.items() if each is not None}

    def _groups(self) -> Any:
        if self._link is None or not self._link.clients.security_group_ids:
            return None
        ids = self._link.clients.security_group_ids
        return self._ask("groups", "SecurityGroups", Filters=[filter_of("group-id", ids)])

    def _endpoint_groups(self) -> Any:
        ids = self._link.security_group_ids if self._link else []
        if not ids:
            return None
        return self._ask("endpoint_groups", "SecurityGroups", Filters=[filter_of("group-id", ids)])

    def _prefix_lists(self) -> Any:
        if self._link is None or not self._link.clients.prefix_list_ids:
            return None
        ids = self._link.clients.prefix_list_ids
        found = self._ask("prefix_lists", "PrefixLists", Filters=[filter_of("prefix-list-id", ids)])
        return [each for each in found if each["PrefixListId"] in ids] if isinstance(found, list) else found

    def _peerings(self) -> Any:
        vpc, groups = self._existing_vpc, self.read("groups")
        if vpc is None or self._link is None or not isinstance(groups, list):
            return None
        inside = {each["GroupId"] for each in groups if each.get("VpcId") == vpc.id}
        if inside >= set(self._link.clients.security_group_ids):
            return None
        active = [filter_of("status-code", ["active"])]
        return self._all("peerings", "VpcPeeringConnections", Filters=active, **PAGE)


def filter_of(name: str, values: Sequence[str]) -> dict[str, Any]:
    """Return a filter of EC2 and of Route 53 Resolver."""
    return {"Name": name, "Values": list(values)}
