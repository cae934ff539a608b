"""Reading what is there before a deployment: each call at most once, all side by side."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, Final

from pinekeep import naming
from pinekeep.aws.identity import Caller
from pinekeep.aws.live import Unreadable
from pinekeep.aws.planned import planned_roles
from pinekeep.aws.refusals import refusals_told
from pinekeep.config import Deployment
from pinekeep.config.models import ExistingVpc, PrivateLink, alias_of
from pinekeep.customers.packing import Packing
from pinekeep.facts import bootstrap, pinecone, quotas
from pinekeep.preflight import simulating
from pinekeep.preflight.asking import Asker
from pinekeep.preflight.seen import FIELDS, NEED_NO_OTHER, PERMISSIONS, Count, Seen, is_new
from pinekeep.privileges.scope import makes_key

SIDE_BY_SIDE: Final = 8
_PAGE: Final = {"PaginationConfig": {"PageSize": 1000}}
_TAGGED_PAGE: Final = {"PaginationConfig": {"PageSize": 50}}


def read_seen(
    *, name: str, deployment: Deployment, caller: Caller, asker: Asker, customers: Packing | None = None
) -> Seen:
    """Read all that the checks of one deployment look at.

    Args:
        name: the deployment's name.
        deployment: its settings; what it does not have is not read, nor what does not matter once it is deployed.
        caller: whose credentials they are; of the deployment's account.
        asker: asks AWS, and remembers what other deployments asked.
        customers: the places of its customers; needed where it has ``customer_keys``.

    Raises:
        AwsRefusedError: AWS cannot be asked at all. A single read that is not allowed raises nothing.
    """
    reader = _Reader(name, deployment, caller, asker, customers)
    with refusals_told(), ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix=f"preflight-{name}") as pool:
        fields = list(dict.fromkeys((*NEED_NO_OTHER, *FIELDS)))
        return Seen(**dict(zip(fields, pool.map(reader.read, fields), strict=True)))


class _Reader:
    """Reads each value once, in the thread that needs it first; others wait for it there.

    A value may need others: those never need it in turn, so the waiting ends however few threads there are.
    """

    def __init__(
        self, name: str, deployment: Deployment, caller: Caller, asker: Asker, customers: Packing | None
    ) -> None:
        self._name = name
        self._deployment = deployment
        self._caller = caller
        self._asker = asker
        self._customers = customers
        self._values: dict[str, Any] = {}
        self._locks = {field: Lock() for field in FIELDS}

    def read(self, field: str) -> Any:
        with self._locks[field]:
            if field not in self._values:
                method: Callable[[], Any] = getattr(self, f"_{field}")
                self._values[field] = method()
            return self._values[field]

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

    # --- Where the deployment stands ---

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

    @property
    def _makes_vpc(self) -> bool:
        return self._makes_endpoint and self._existing_vpc is None

    @property
    def _vpc_ids(self) -> Sequence[str]:
        """The VPCs that the configuration names: the endpoint's, and those of further clients."""
        if self._link is None:
            return ()
        return [*([self._existing_vpc.id] if self._existing_vpc else []), *self._link.client_vpc_ids]

    # --- Bootstrap and permissions ---

    def _bootstrap(self) -> Any:
        parameter = self._ask("bootstrap", "Parameter", Name=bootstrap.VERSION_PARAMETER)
        return parameter.get("Value") if isinstance(parameter, dict) else parameter

    def _caller_decisions(self) -> Any:
        if self.read("bootstrap") is None:
            return None
        return simulating.decisions_about_caller(self._asker, self._name, self._deployment, self._caller)

    def _assumable(self) -> Any:
        decisions = self.read("caller_decisions")
        if self.read("bootstrap") is None or self._caller.is_root:
            return None
        return simulating.assumable(self._asker, self._deployment, decisions if isinstance(decisions, list) else [])

    def _execution_decisions(self) -> Any:
        if self.read("bootstrap") is None:
            return None
        return simulating.decisions_about_execution(self._asker, self._name, self._deployment)

    def _endpoint_dry_run(self) -> Any:
        vpc = self._existing_vpc
        if vpc is None or not self._makes_endpoint or not self.read("vpcs") or not self.read("service"):
            return None
        return simulating.endpoint_dry_run(self._asker, self._deployment, vpc)

    # --- Stacks and names ---

    def _cmek_stack(self) -> Any:
        return self._stack("cmek_stack", naming.cmek_stack(self._name)) if self._deployment.cmek else None

    def _private_link_stack(self) -> Any:
        return self._stack("private_link_stack", naming.private_link_stack(self._name)) if self._link else None

    def _stack(self, field: str, name: str) -> Any:
        found = self._ask(field, "Stacks", StackName=name)
        if not isinstance(found, list):
            return found
        return next((each for each in found if each["StackStatus"] != "DELETE_COMPLETE"), None)

    def _roles(self) -> Any:
        if not self._makes_key_stack:
            return None
        found = {
            role.name: self._ask("roles", "Role", RoleName=role.name)
            for role in planned_roles(self._name, self._deployment, self._customers)
        }
        closed = next((each for each in found.values() if isinstance(each, Unreadable)), None)
        return closed or {name: role for name, role in found.items() if role is not None}

    def _alias_key(self) -> Any:
        alias = alias_of(self._name, self._deployment)
        return self._ask("alias_key", "KeyMetadata", KeyId=alias) if alias and self._makes_key else None

    def _alias_key_tags(self) -> Any:
        key = self.read("alias_key")
        if not isinstance(key, dict):
            return None
        tags = self._ask("alias_key_tags", "Tags", KeyId=key["Arn"])
        return {each["TagKey"]: each["TagValue"] for each in tags} if isinstance(tags, list) else tags

    def _tagged_keys(self) -> Any:
        if not self._makes_key:
            return None
        filters = [{"Key": naming.DEPLOYMENT_TAG, "Values": [self._name]}]
        found = self._all(
            "tagged_keys",
            "ResourceTagMappingList",
            TagFilters=filters,
            ResourceTypeFilters=["kms:key"],
            **_TAGGED_PAGE,
        )
        return [each["ResourceARN"] for each in found] if isinstance(found, list) else found

    # --- Keys, counts and quotas ---

    def _account_summary(self) -> Any:
        if not (self._makes_key_stack or self._makes_vpc):
            return None
        return self._ask("account_summary", "SummaryMap")

    def _keys(self) -> Any:
        return self._count("keys", "Keys", **_PAGE) if self._makes_key else None

    def _key_quota(self) -> Any:
        return self._quota("key_quota", quotas.KEYS) if self._makes_key else None

    def _endpoint_quota(self) -> Any:
        if not self._makes_endpoint or self._existing_vpc is None:
            return None
        return self._quota("endpoint_quota", quotas.ENDPOINTS_PER_VPC)

    def _vpc_count(self) -> Any:
        return self._count("vpc_count", "Vpcs", **_PAGE) if self._makes_vpc else None

    def _vpc_quota(self) -> Any:
        return self._quota("vpc_quota", quotas.VPCS) if self._makes_vpc else None

    def _adopted_key(self) -> Any:
        arn = self._adopted
        return self._ask("adopted_key", "KeyMetadata", KeyId=arn) if arn else None

    def _adopted_key_policy(self) -> Any:
        arn = self._adopted
        return self._ask("adopted_key_policy", "Policy", KeyId=arn, PolicyName="default") if arn else None

    @property
    def _adopted(self) -> str | None:
        cmek = self._deployment.cmek
        return cmek.key.adopt if cmek is not None and cmek.has_own_key else None

    # --- The network ---

    def _service(self) -> Any:
        if self._link is None:
            return None
        name = pinecone.PRIVATE_LINK[self._deployment.region].service_name
        found = self._ask("service", "ServiceDetails", ServiceNames=[name])
        return (found[0] if found else None) if isinstance(found, list) else found

    def _zones(self) -> Any:
        return self._ask("zones", "AvailabilityZones") if self._link else None

    def _vpcs(self) -> Any:
        if not self._vpc_ids:
            return None
        found = self._ask("vpcs", "Vpcs", Filters=[_filter("vpc-id", self._vpc_ids)])
        return {each["VpcId"]: each for each in found} if isinstance(found, list) else found

    def _dns(self) -> Any:
        if self._link is None or self._link.dns == "none":
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

    def _subnets(self) -> Any:
        vpc = self._existing_vpc
        return self._ask("subnets", "Subnets", Filters=[_filter("subnet-id", vpc.subnet_ids)]) if vpc else None

    def _endpoints(self) -> Any:
        vpc = self._existing_vpc
        if vpc is None or not self._makes_endpoint:
            return None
        return self._all("endpoints", "VpcEndpoints", Filters=[_filter("vpc-id", [vpc.id])], **_PAGE)

    def _hosted_zones(self) -> Any:
        if self._link is None or self._link.dns == "none" or not self._makes_endpoint:
            return None
        return self._of_each_vpc(
            lambda vpc_id: self._all(
                "hosted_zones", "HostedZoneSummaries", VPCId=vpc_id, VPCRegion=self._deployment.region
            )
        )

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
        return self._ask("groups", "SecurityGroups", Filters=[_filter("group-id", ids)])

    def _peerings(self) -> Any:
        vpc, groups = self._existing_vpc, self.read("groups")
        if vpc is None or self._link is None or not isinstance(groups, list):
            return None
        inside = {each["GroupId"] for each in groups if each.get("VpcId") == vpc.id}
        if inside >= set(self._link.clients.security_group_ids):
            return None
        active = [_filter("status-code", ["active"])]
        return self._all("peerings", "VpcPeeringConnections", Filters=active, **_PAGE)


def _filter(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {"Name": name, "Values": list(values)}
