"""Reading a deployment's account: each call at most once, all side by side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, Final

from pinekeep import naming
from pinekeep.aws.clients import Clients
from pinekeep.aws.live import CUSTOMER_PERMISSIONS, FIELDS, OF_ROLE, PERMISSIONS, Live, LiveRole, Unreadable
from pinekeep.aws.planned import PlannedRole, planned_roles
from pinekeep.aws.refusal_codes import DENIED, code_of, message_of, missing_permission, why_denied
from pinekeep.aws.refusals import refusals_told
from pinekeep.config import Deployment
from pinekeep.config.models import ExistingVpc, alias_of, private_zone_of, role_name_of
from pinekeep.customers.packing import Packing
from pinekeep.naming import Output

SIDE_BY_SIDE: Final = 8

_ABSENT: Final = frozenset(
    {
        "NoSuchEntity",
        "NotFoundException",
        "InvalidVpcEndpointId.NotFound",
        "InvalidGroup.NotFound",
        "InvalidVpcID.NotFound",
        "NoSuchHostedZone",
        "UnsupportedOperationException",  # the rotation of a key that cannot rotate
    }
)
"""AWS's words for a thing that does not exist."""

_PARTS_OF_ROLE: Final = {
    "role": "Role",
    "inline_policies": "PolicyNames",
    "attached_policies": "AttachedPolicies",
}


def read_live(*, name: str, deployment: Deployment, clients: Clients, customers: Packing | None = None) -> Live:
    """Read all that the checks of one deployment look at, with read-only calls.

    Args:
        name: the deployment's name.
        deployment: its settings; what it does not have is not read.
        clients: of its account and Region.
        customers: the places of its customers; needed where it has ``customer_keys``.

    Raises:
        AwsRefusedError: AWS cannot be asked at all. A single read that is not allowed raises nothing.
        ValueError: its customers have no places.
    """
    roles = planned_roles(name, deployment, customers)
    reader = _Reader(name, deployment, clients)
    jobs: dict[tuple[str, str], Callable[[], Any]] = {("", field): partial(reader.read, field) for field in FIELDS}
    for role in roles:
        if role.number > 1:
            jobs |= {(role.name, field): partial(reader.of_role, field, role.name) for field in OF_ROLE}
        jobs |= {(role.name, arn): partial(reader.policy, arn) for arn in role.policies}
    with refusals_told(), ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix=f"read-{name}") as pool:
        values = dict(zip(jobs, pool.map(lambda job: job(), jobs.values()), strict=True))
    return Live(
        **{field: values["", field] for field in FIELDS},
        customer_policies=_policies(roles[0], values) if roles and roles[0].policies else None,
        further_roles=tuple(
            LiveRole(
                **{field: values[role.name, field] for field in OF_ROLE}, customer_policies=_policies(role, values)
            )
            for role in roles[1:]
        ),
    )


def _policies(role: PlannedRole, values: dict[tuple[str, str], Any]) -> Any:
    """Return the documents of a role's policies; where one cannot be read, what that needs."""
    found = {arn: values[role.name, arn] for arn in role.policies}
    return next((each for each in found.values() if isinstance(each, Unreadable)), found)


class _Reader:
    """Reads each value once, in the thread that needs it first; others wait for it there.

    A value may need others: those never need it in turn, so the waiting ends however few threads there are.
    """

    def __init__(self, name: str, deployment: Deployment, clients: Clients) -> None:
        self._name = name
        self._deployment = deployment
        self._clients = clients
        self._values: dict[str, Any] = {}
        self._locks = {field: Lock() for field in FIELDS}

    def read(self, field: str) -> Any:
        with self._locks[field]:
            if field not in self._values:
                method: Callable[[], Any] = getattr(self, f"_{field}")
                self._values[field] = method()
            return self._values[field]

    def _ask(self, field: str, **arguments: Any) -> Any:
        """Make the call that a field's permission is named after."""
        return self._call(PERMISSIONS[field], **arguments)

    def _call(self, permission: str, **arguments: Any) -> Any:
        from botocore import xform_name  # noqa: PLC0415 - slow to import
        from botocore.exceptions import ClientError  # noqa: PLC0415

        service, _, operation = permission.partition(":")
        try:
            return getattr(self._clients.client(service), xform_name(operation))(**arguments)
        except ClientError as error:
            if _says_absent(error):
                return None
            if code_of(error) in DENIED:
                named = missing_permission(error)
                return Unreadable(named if ":" in named else permission, why_denied(error))
            raise

    # --- CloudFormation ---

    def _cmek_stack(self) -> Any:
        return self._stack("cmek_stack", naming.cmek_stack(self._name)) if self._deployment.cmek else None

    def _private_link_stack(self) -> Any:
        if self._deployment.private_link is None:
            return None
        return self._stack("private_link_stack", naming.private_link_stack(self._name))

    def _stack(self, field: str, name: str) -> Any:
        return _first(self._ask(field, StackName=name), "Stacks")

    def _private_link_resources(self) -> Any:
        if self._deployment.private_link is None:
            return None
        answer = self._ask("private_link_resources", StackName=naming.private_link_stack(self._name))
        return _part(answer, "StackResources")

    # --- IAM ---

    def _role(self) -> Any:
        return self._of_first_role("role")

    def _inline_policies(self) -> Any:
        return self._of_first_role("inline_policies")

    def _attached_policies(self) -> Any:
        return self._of_first_role("attached_policies")

    def _of_first_role(self, field: str) -> Any:
        if self._deployment.cmek is None:
            return None
        return self.of_role(field, role_name_of(self._name, self._deployment))

    def of_role(self, field: str, role_name: str) -> Any:
        """Read one value of a role."""
        return _part(self._ask(field, RoleName=role_name), _PARTS_OF_ROLE[field])

    def policy(self, arn: str) -> Any:
        """Read what a managed policy says."""
        get, get_version = CUSTOMER_PERMISSIONS["customer_policies"]
        version = _part(_part(self._call(get, PolicyArn=arn), "Policy"), "DefaultVersionId")
        if not isinstance(version, str):
            return version
        answer = self._call(get_version, PolicyArn=arn, VersionId=version)
        return _part(_part(answer, "PolicyVersion"), "Document")

    # --- KMS ---

    def _alias_key(self) -> Any:
        alias = alias_of(self._name, self._deployment)
        return _part(self._ask("alias_key", KeyId=alias), "KeyMetadata") if alias else None

    def _key_arn(self) -> Any:
        """The key that Pinecone was given: adopted, put out by the stack, else the one of the alias."""
        cmek = self._deployment.cmek
        if cmek is None or not cmek.has_own_key:
            return None
        if cmek.key.adopt is not None:
            return cmek.key.adopt
        arn = output_of(self.read("cmek_stack"), Output.KEY_ARN)
        return arn if isinstance(arn, str) else _part(self.read("alias_key"), "Arn") or arn

    def _key(self) -> Any:
        arn = self._key_arn()
        if not isinstance(arn, str):
            return arn
        by_alias = self.read("alias_key")
        if isinstance(by_alias, dict) and by_alias["Arn"] == arn:
            return by_alias
        return _part(self._ask("key", KeyId=arn), "KeyMetadata")

    def _key_policy(self) -> Any:
        return self._of_key("key_policy", "Policy", PolicyName="default")

    def _rotation(self) -> Any:
        adopted = self._deployment.cmek is not None and self._deployment.cmek.key.adopt is not None
        return None if adopted else self._of_key("rotation", None)

    def _of_key(self, field: str, part: str | None, **arguments: str) -> Any:
        arn = self._key_arn()
        if not isinstance(arn, str):
            return arn
        answer = self._ask(field, KeyId=arn, **arguments)
        return _part(answer, part) if part else answer

    # --- EC2 ---

    def _endpoint(self) -> Any:
        endpoint_id = output_of(self.read("private_link_stack"), Output.VPC_ENDPOINT_ID)
        if not isinstance(endpoint_id, str):
            return endpoint_id
        return _first(self._ask("endpoint", VpcEndpointIds=[endpoint_id]), "VpcEndpoints")

    def _security_groups(self) -> Any:
        endpoint = self.read("endpoint")
        if not isinstance(endpoint, dict):
            return endpoint
        ids = [group["GroupId"] for group in endpoint.get("Groups") or []]
        return _part(self._ask("security_groups", GroupIds=ids), "SecurityGroups") if ids else []

    def _dns_support(self) -> Any:
        return self._vpc_attribute("dns_support", "enableDnsSupport", "EnableDnsSupport")

    def _dns_hostnames(self) -> Any:
        return self._vpc_attribute("dns_hostnames", "enableDnsHostnames", "EnableDnsHostnames")

    def _vpc_attribute(self, field: str, attribute: str, part: str) -> Any:
        link = self._deployment.private_link
        if link is None or link.dns == "none":
            return None
        vpc_id = link.vpc.id if isinstance(link.vpc, ExistingVpc) else _part(self.read("endpoint"), "VpcId")
        if not isinstance(vpc_id, str):
            return vpc_id
        return _part(_part(self._ask(field, VpcId=vpc_id, Attribute=attribute), part), "Value")

    # --- Route 53 ---

    def _zone(self) -> Any:
        return self._of_zone("zone", None)

    def _records(self) -> Any:
        name = f"*.{private_zone_of(self._deployment)}."
        # Records are listed from this name on; those of the name itself come first.
        found = self._of_zone("records", "ResourceRecordSets", StartRecordName=name, MaxItems="10")
        return [record for record in found if plain_name(record["Name"]) == name] if isinstance(found, list) else found

    def _of_zone(self, field: str, part: str | None, **arguments: str) -> Any:
        link = self._deployment.private_link
        if link is None or link.dns != "hosted-zone":
            return None
        resources = self.read("private_link_resources")
        if not isinstance(resources, list):
            return resources
        ids = physical_ids(resources, "AWS::Route53::HostedZone")
        if not ids:
            return None
        key = "Id" if field == "zone" else "HostedZoneId"
        answer = self._ask(field, **{key: ids[0]}, **arguments)
        return _part(answer, part) if part else answer


def output_of(stack: Any, output: Output) -> Any:
    """Return one output of a stack; None where it has none; an unreadable stack is returned as it is."""
    if not isinstance(stack, dict):
        return stack
    found = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs") or []}
    return found.get(output.value)


def physical_ids(resources: list[dict[str, Any]], kind: str) -> list[str]:
    """Return the IDs of a stack's live resources of one type."""
    return [
        str(each["PhysicalResourceId"])
        for each in resources
        if each["ResourceType"] == kind
        and each.get("PhysicalResourceId")
        and each.get("ResourceStatus") != "DELETE_COMPLETE"
    ]


def plain_name(name: str) -> str:
    r"""Return a DNS name as Route 53 compares it: lower case, with a dot at its end, ``\052`` as ``*``."""
    return name.replace("\\052", "*").lower().rstrip(".") + "."


def _says_absent(error: Exception) -> bool:
    code = code_of(error)
    return code in _ABSENT or (code == "ValidationError" and "does not exist" in message_of(error))


def _part(answer: Any, name: str) -> Any:
    """Return a part of an answer; what is no answer is returned as it is."""
    return answer.get(name) if isinstance(answer, dict) else answer


def _first(answer: Any, name: str) -> Any:
    found = _part(answer, name)
    if isinstance(found, list):
        return found[0] if found else None
    return found
