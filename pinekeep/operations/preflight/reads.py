"""Read the account before a deployment: each call at most once, in parallel."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.identity import Caller
from pinekeep.account.reads.live import Unreadable
from pinekeep.decisions.privileges.scope import makes_roles
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.bootstrap import bootstrap_of
from pinekeep.model.config.derived import stack_region, stacks_of
from pinekeep.model.config.models import alias_of
from pinekeep.model.config.roles import planned_roles
from pinekeep.model.customers.packing import Packing
from pinekeep.model.facts import bootstrap, quotas
from pinekeep.operations.preflight import simulation as simulating
from pinekeep.operations.preflight.inventory import FIELDS, NEED_NO_OTHER, Seen
from pinekeep.operations.preflight.queries import Asker
from pinekeep.operations.preflight.reader import PAGE
from pinekeep.operations.preflight.storage_reads import StorageReads

SIDE_BY_SIDE: Final = 8
_PARAMETERS_PAGE: Final = {"PaginationConfig": {"PageSize": 10}}
_TAGGED_PAGE: Final = {"PaginationConfig": {"PageSize": 50}}


def read_seen(
    *,
    name: str,
    deployment: Deployment,
    caller: Caller,
    asker: Asker,
    own: Asker | None = None,
    customers: Packing | None = None,
) -> Seen:
    """Read every value that the checks of one deployment need.

    What it does not have is not read, nor what does not matter once it is deployed. ``own`` asks with the credentials
    that assume the bootstrap's roles, where these are others than the ``caller``'s.

    Raises:
        AwsRefusedError: AWS cannot be asked at all. A single read that is not allowed raises nothing.
    """
    reader = _Reads(name, deployment, asker, caller=caller, own=own or asker, customers=customers)
    with refusals_told(), ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix=f"preflight-{name}") as pool:
        fields = list(dict.fromkeys((*NEED_NO_OTHER, *FIELDS)))
        return Seen(**dict(zip(fields, pool.map(reader.read, fields), strict=True)))


class _Reads(StorageReads):
    """What is read of a deployment, of whichever kind."""

    def __init__(
        self, name: str, deployment: Deployment, asker: Asker, *, caller: Caller, own: Asker, customers: Packing | None
    ) -> None:
        super().__init__(name, deployment, asker)
        self._caller = caller
        self._own = own
        self._customers = customers

    def _bootstrap(self) -> Any:
        name = bootstrap_of(self._deployment).version_parameter
        parameter = self._ask("bootstrap", "Parameter", Name=name)
        return parameter.get("Value") if isinstance(parameter, dict) else parameter

    def _other_bootstraps(self) -> Any:
        if self.read("bootstrap") is not None:
            return None
        path = bootstrap.PARAMETERS_PATH
        found = self._all("other_bootstraps", "Parameters", Path=path, Recursive=True, **_PARAMETERS_PAGE)
        if not isinstance(found, list):
            return found
        parts = [str(each["Name"]).removeprefix(path).split("/") for each in found]
        return sorted({qualifier for qualifier, *rest in parts if rest == ["version"]})

    def _bootstrap_roles(self) -> Any:
        kinds = [kind for kind, can in (self.read("assumable") or {}).items() if not can]
        if self.read("bootstrap") is not None and self.read("execution_decisions") is None:
            kinds.append(bootstrap.EXECUTION)
        if not kinds:
            return None
        wanted = {kind: bootstrap_of(self._deployment).role_arn(kind) for kind in kinds}
        # An account has one role of a name, under whichever path.
        names = {kind: arn.rpartition("/")[2] for kind, arn in wanted.items()}
        found = {kind: self._ask("bootstrap_roles", "Role", RoleName=name) for kind, name in names.items()}
        closed = next((each for each in found.values() if isinstance(each, Unreadable)), None)
        return closed or {
            kind: str(role["Arn"]) for kind, role in found.items() if role is not None and role["Arn"] != wanted[kind]
        }

    def _caller_decisions(self) -> Any:
        # IAM of this account knows nothing of credentials of another one.
        if self.read("bootstrap") is None or self._caller.by_bootstrap:
            return None
        return simulating.decisions_about_caller(self._asker, self._name, self._deployment, self._caller)

    def _assumable(self) -> Any:
        decisions = self.read("caller_decisions")
        if self.read("bootstrap") is None or self._caller.is_root:
            return None
        return simulating.assumable(self._own, self._deployment, decisions if isinstance(decisions, list) else [])

    def _execution_decisions(self) -> Any:
        if self.read("bootstrap") is None:
            return None
        return simulating.decisions_about_execution(self._asker, self._name, self._deployment)

    def _administrators(self) -> Any:
        cmek = self._deployment.cmek
        if cmek is None or not cmek.key.administrators:
            return None
        return {
            arn: self._principal(arn)
            for arn in cmek.key.administrators
            if f":{self._deployment.account}:" in arn and not arn.endswith(":root")
        }

    def _principal(self, arn: str) -> Any:
        """Return the ARN of the role or user of a name. An account has one of a name, under whichever path."""
        kind, _, path = arn.split(":", 5)[5].partition("/")
        permission, part = ("iam:GetRole", "Role") if kind == "role" else ("iam:GetUser", "User")
        name = path.rpartition("/")[2]
        found = self._asker.ask(self._deployment.region, permission, **{f"{part}Name": name})
        return str(found[part]["Arn"]) if isinstance(found, dict) else found

    def _boundary(self) -> Any:
        arn = self._deployment.permissions_boundary
        return self._ask("boundary", "Policy", PolicyArn=arn) if arn and makes_roles(self._deployment) else None

    def _cmek_stack(self) -> Any:
        return self._stack(naming.cmek_stack(self._name))

    def _private_link_stack(self) -> Any:
        return self._stack(naming.private_link_stack(self._name))

    def _storage_stack(self) -> Any:
        return self._stack(naming.storage_stack(self._name))

    def _monitoring_stack(self) -> Any:
        return self._stack(naming.monitoring_stack(self._name))

    def _global_monitoring_stack(self) -> Any:
        return self._stack(naming.global_monitoring_stack(self._name))

    def _stack(self, stack: str) -> Any:
        """Return a stack, if the deployment has one of this name."""
        if stack not in stacks_of(self._name, self._deployment):
            return None
        region = stack_region(stack, self._name, self._deployment)
        found = self._asker.ask(region, "cloudformation:DescribeStacks", StackName=stack)
        if not isinstance(found, dict):
            return found
        return next((each for each in found["Stacks"] if each["StackStatus"] != "DELETE_COMPLETE"), None)

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
        return self._tags_of_key("alias_key_tags", key["Arn"]) if isinstance(key, dict) else None

    def _tags_of_key(self, field: str, arn: str) -> Any:
        tags = self._ask(field, "Tags", KeyId=arn)
        return {each["TagKey"]: each["TagValue"] for each in tags} if isinstance(tags, list) else tags

    def _tagged_keys(self) -> Any:
        if not self._makes_key:
            return None
        filters = [{"Key": naming.DEPLOYMENT_TAG, "Values": [self._name]}]
        found = self._all(
            "tagged_keys", "ResourceTagMappingList", TagFilters=filters, ResourceTypeFilters=["kms:key"], **_TAGGED_PAGE
        )
        return [each["ResourceARN"] for each in found] if isinstance(found, list) else found

    def _account_summary(self) -> Any:
        return self._ask("account_summary", "SummaryMap") if self._makes_key_stack or self._makes_vpc else None

    def _keys(self) -> Any:
        return self._count("keys", "Keys", **PAGE) if self._makes_key else None

    def _key_quota(self) -> Any:
        return self._quota("key_quota", quotas.KEYS) if self._makes_key else None

    def _endpoint_quota(self) -> Any:
        counts = self._makes_endpoint and self._existing_vpc is not None
        return self._quota("endpoint_quota", quotas.ENDPOINTS_PER_VPC) if counts else None

    def _rules_quota(self) -> Any:
        counts = self._link is not None and self._link.clients.prefix_list_ids
        return self._quota("rules_quota", quotas.RULES_PER_SECURITY_GROUP) if counts else None

    def _vpc_count(self) -> Any:
        return self._count("vpc_count", "Vpcs", **PAGE) if self._makes_vpc else None

    def _vpc_quota(self) -> Any:
        return self._quota("vpc_quota", quotas.VPCS) if self._makes_vpc else None

    def _adopted_key(self) -> Any:
        arn = self._adopted
        return self._ask("adopted_key", "KeyMetadata", KeyId=arn) if arn else None

    def _adopted_key_policy(self) -> Any:
        arn = self._adopted
        return self._ask("adopted_key_policy", "Policy", KeyId=arn, PolicyName="default") if arn else None

    def _adopted_key_tags(self) -> Any:
        arn = self._adopted
        return self._tags_of_key("adopted_key_tags", arn) if arn else None

    @property
    def _adopted(self) -> str | None:
        cmek = self._deployment.cmek
        return cmek.key.adopt if cmek is not None and cmek.has_own_key else None
