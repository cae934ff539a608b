"""The roles and keys that Pinecone uses, and their state. Reads only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import as_refusal
from pinekeep.account.reads.grants import list_grants, replicas_of
from pinekeep.account.reads.last_usage import LastUsage, last_usage_of
from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.account.record.store import read_record
from pinekeep.decisions.access.live import document
from pinekeep.errors import PinekeepError
from pinekeep.model import naming
from pinekeep.model.arns import KeyArn
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import alias_of
from pinekeep.model.config.roles import planned_roles
from pinekeep.model.customers.packing import Packing
from pinekeep.model.naming import Output
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.grants import Grant, parse_grants
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME, cuts_off
from pinekeep.operations.plan.cloudformation import describe_stack, outputs_of

ENABLED: Final = "Enabled"
DISABLED: Final = "Disabled"
_NO_ENTITY: Final = "NoSuchEntity"
PENDING_DELETION: Final = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


@dataclass(frozen=True)
class RoleState:
    """A role that Pinecone assumes, and the inline policy that cuts it off, if there is one."""

    arn: str
    exists: bool
    policy: Policy | None

    @property
    def name(self) -> str:
        """The name in its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def is_cut_off(self) -> bool:
        """Whether it has the policy, and that denies everything."""
        return cuts_off(self.policy)


@dataclass(frozen=True)
class KeyState:
    """The key of the deployment's own account; its state is None if it does not exist.

    ``replicas`` are the ARNs of its replicas in other Regions, which are keys of their own.
    """

    arn: str
    state: str | None
    deletion_date: datetime | None = None
    replicas: tuple[str, ...] = ()

    @property
    def is_stopped(self) -> bool:
        """Whether KMS refuses every use of it."""
        return self.state != ENABLED


@dataclass(frozen=True, kw_only=True)
class OpenKey:
    """A key or a replica of it, with its policy and grants. None stands for what does not exist or cannot be read.

    ``unreadable`` says why something cannot be read; ``last_usage`` is when anybody last used it with success.
    """

    arn: str
    region: str
    is_replica: bool
    state: str | None
    policy: str | None = None
    grants: tuple[Grant, ...] | None = None
    unreadable: str | None = None
    last_usage: LastUsage | None = None

    @property
    def words(self) -> str:
        """Its name in a sentence."""
        return f"the replica in {self.region}" if self.is_replica else "the key"

    @property
    def is_stopped(self) -> bool:
        """Whether KMS is known to refuse every use of it."""
        known = self.state is not None or self.unreadable is None
        return known and self.state != ENABLED


@dataclass(frozen=True)
class Targets:
    """The roles and keys of a deployment that Pinecone uses; ``key`` is the one in the deployment's own account, if
    any.
    """

    roles: tuple[RoleState, ...]
    key: KeyState | None
    has_customer_keys: bool


def read_targets(name: str, deployment: Deployment, *, clients: Clients, customers: Packing | None) -> Targets:
    """Return the roles and keys that Pinecone uses, as they are now.

    The record of the handover takes precedence over the stacks: it holds what Pinecone has. ``customers`` is needed if
    it has ``customer_keys``.

    Raises:
        PinekeepError: it is unknown which key Pinecone uses.
    """
    record = read_record(clients, name)
    handed = record.handed_over if record else None
    roles = role_arns(name, deployment, handed=handed, customers=customers)
    arn = _key_arn(name, deployment, handed.get(Value.KEY_ARN) if handed else None, clients)
    return Targets(
        roles=tuple(read_role(clients, role) for role in roles),
        key=read_key(clients, arn) if arn else None,
        has_customer_keys=bool(deployment.cmek and deployment.cmek.customer_keys),
    )


def role_arns(name: str, deployment: Deployment, *, handed: HandedOver | None, customers: Packing | None) -> list[str]:
    """Return the ARNs of the roles that Pinecone assumes: those of the file, and the one that was handed over.

    An account has one role of a name, whatever its path: of two with the same name, the one that was handed over.
    """
    planned = {role.name: role.arn for role in planned_roles(name, deployment, customers)}
    recorded = (handed.get(Value.ROLE_ARN) or "") if handed else ""
    if recorded:
        planned[recorded.rpartition("/")[2]] = recorded
    return list(planned.values())


def _key_arn(name: str, deployment: Deployment, recorded: str | None, clients: Clients) -> str | None:
    cmek = deployment.cmek
    if cmek is None or not cmek.has_own_key:
        return None
    adopted = cmek.key.adopt
    if adopted and recorded and adopted != recorded:
        raise PinekeepError(
            f"{name}: the file adopts {adopted}, but Pinecone was given {recorded}",
            hint="put the key that Pinecone was given under cmek.key.adopt",
        )
    found = adopted or recorded or _deployed_key(name, deployment, clients)
    parsed = KeyArn.parse(found) if found else None
    if found and (parsed is None or parsed.account != deployment.account):
        raise PinekeepError(f"{name}: {found} is no key of account {deployment.account}")
    if not found:
        raise PinekeepError(
            f"{name}: there is no stack {naming.cmek_stack(name)} and no {alias_of(name, deployment)}, so it is "
            "unknown which key Pinecone uses",
            hint="if the key exists, put its ARN under cmek.key.adopt",
        )
    return found


def _deployed_key(name: str, deployment: Deployment, clients: Clients) -> str | None:
    stack = describe_stack(clients.client("cloudformation"), naming.cmek_stack(name))
    if arn := outputs_of(stack or {}).get(Output.KEY_ARN):
        return arn
    metadata = _describe(clients, str(alias_of(name, deployment)))
    return None if metadata is None else str(metadata["Arn"])


def read_role(clients: Clients, arn: str) -> RoleState:
    """Return a role as it is now."""
    iam = clients.client("iam")
    name = arn.rpartition("/")[2]
    found = _unless(_NO_ENTITY, iam.get_role_policy, RoleName=name, PolicyName=REVOKED_POLICY_NAME)
    if found is None:  # the code is the same for a missing policy and for a missing role
        return RoleState(arn, _unless(_NO_ENTITY, iam.get_role, RoleName=name) is not None, None)
    return RoleState(arn, True, document(found["PolicyDocument"]))


def _unless(absent: str, call: Callable[..., Any], **arguments: Any) -> Any:
    """Return the answer of a call; None if AWS answers with the error code of what does not exist."""
    try:
        return call(**arguments)
    except Exception as error:
        if code_of(error) == absent:
            return None
        raise


def read_key(clients: Clients, arn: str) -> KeyState:
    """Return a key as it is now."""
    found = _describe(clients, arn)
    if found is None:
        return KeyState(arn, None)
    return KeyState(
        arn=arn,
        state=str(found["KeyState"]),
        deletion_date=found.get("DeletionDate"),
        replicas=tuple(replicas_of(found)),
    )


def _describe(clients: Clients, key_id: str) -> Mapping[str, Any] | None:
    found = _unless("NotFoundException", clients.client("kms").describe_key, KeyId=key_id)
    return None if found is None else found["KeyMetadata"]


def read_open_keys(clients: Clients, key: KeyState) -> tuple[OpenKey, ...]:
    """Return a key and its replicas, each read in its own Region. Refusals of AWS become part of the result."""
    found = [_open_key(clients, key.arn, state=key.state, is_replica=False)]
    for arn in key.replicas:
        there = clients.in_region(arn.split(":")[3])
        found.append(_open_key(there, arn, state=None, is_replica=True))
    return tuple(found)


def _last_usage(clients: Clients, arn: str) -> LastUsage | None:
    try:
        return last_usage_of(clients, arn)
    except Exception as error:
        if as_refusal(error) is None:
            raise
        return None


def _open_key(clients: Clients, arn: str, *, state: str | None, is_replica: bool) -> OpenKey:
    def made(**known: Any) -> OpenKey:
        return OpenKey(arn=arn, region=clients.region, is_replica=is_replica, **known)

    if state is None and not is_replica:
        return made(state=None, grants=())
    kms = clients.client("kms")
    try:
        if is_replica:
            state = str(kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])
        policy = kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
        grants = parse_grants(list_grants(kms.list_grants, arn), key_arn=arn)
        return made(state=state, policy=policy, grants=grants, last_usage=_last_usage(clients, arn))
    except Exception as error:
        refusal = as_refusal(error)
        if refusal is None:
            raise
        return made(state=state, unreadable=refusal.message)
