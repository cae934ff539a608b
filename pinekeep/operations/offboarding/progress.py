"""Where an offboarding stands: the state, the key, the roles and the time, read together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.account.record.offboarding import Gate, OffboardingState, read_offboarding
from pinekeep.account.record.store import read_record
from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.operations.deployment.deployer import Deployer
from pinekeep.operations.offboarding import clock
from pinekeep.operations.offboarding.alarm import require_topic
from pinekeep.operations.offboarding.gate import Setting
from pinekeep.operations.offboarding.indexes import index_look
from pinekeep.operations.offboarding.offboard import Offboarding
from pinekeep.operations.offboarding.removal import Removal
from pinekeep.operations.revocation.targets import KeyState, read_key, read_targets, role_arns

QUIET_DAYS: Final = 7
COOLING_DAYS: Final = 7
DAYS_MIN: Final = 1
"""Less would not see a job that runs once a day."""
DAYS_MAX: Final = 60
"""CloudTrail's event history keeps 90 days; what is looked at must lie well within."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user asks for.

    Attributes:
        quiet_days: for how many days the key must not have been used.
        cooling_days: for how many days it stays disabled.
        topic: the SNS topic that the alarm is to tell, or None.
    """

    quiet_days: int = QUIET_DAYS
    cooling_days: int = COOLING_DAYS
    topic: str | None = None


def load_offboarding(
    configuration: Configuration,
    name: str,
    *,
    access: Access,
    wishes: Wishes,
    environment: Mapping[str, str],
    tell: Callable[[str], None],
) -> Offboarding:
    """Return the offboarding of one deployment as it is now; one that was never begun stands before its first gate.

    Raises:
        WrongInputError: the deployment has no key and no role, or the topic is none.
        AwsRefusedError: AWS refuses, or the credentials are of another account.
        PinekeepError: the state cannot be gone on with, or is about another key.
    """
    deployment = configuration.deployments[name]
    if deployment.cmek is None:
        raise WrongInputError(
            f"{name} has no key and no role, so there is nothing to offboard",
            hint="`pinekeep destroy` takes the endpoint away",
        )
    if wishes.topic is not None:
        require_topic(wishes.topic, region=deployment.region)
    access.require_accounts({name: deployment}, changing=True)
    clients = access.clients_for(deployment)
    now = clock.aws_now(clients)
    with refusals_told():
        state, key, roles = _state(configuration, name, deployment, clients, now)
    if wishes.topic is not None and state.next_gate is not Gate.KEY_DISABLED:
        raise WrongInputError(
            f"the alarm is set when the key is disabled, and the next gate of {name} is {state.next_gate or 'none'}",
            hint="leave --alarm-topic out; to change the alarm of a disabled key: `pinekeep offboard --back`",
        )
    topic = wishes.topic or state.topic
    deployer = Deployer(configuration=configuration, deployments={name: deployment}, access=access, tell=tell)
    setting = Setting(
        name=name,
        region=deployment.region,
        state=state,
        key=key,
        roles=tuple(roles),
        clients_for=clients.in_region,
        now=now,
        clock=lambda: clock.aws_now(clients),
        quiet=timedelta(days=wishes.quiet_days),
        cooling=timedelta(days=wishes.cooling_days),
        topic=topic,
        look_for_indexes=index_look(name, deployment, clients=clients, environment=environment),
        removal=Removal(
            name=name,
            deployment=deployment,
            clients=clients,
            deployer=deployer,
            roles=tuple(each.rpartition("/")[2] for each in roles),
            topic=topic,
        ),
    )
    return Offboarding(setting, access.caller(deployment).arn)


def _state(
    configuration: Configuration, name: str, deployment: Deployment, clients: Clients, now: datetime
) -> tuple[OffboardingState, KeyState | None, list[str]]:
    """Return the state, the key that it is about, and the ARNs of the roles."""
    customers = configuration.rosters.packings.get(name)
    state = read_offboarding(clients, name, now=now)
    if state is None:
        targets = read_targets(name, deployment, clients=clients, customers=customers)
        fresh = OffboardingState(name, targets.key.arn if targets.key else None, _makes_key(deployment))
        return fresh, targets.key, [role.arn for role in targets.roles]
    record = read_record(clients, name)
    handed = record.handed_over if record else None
    _require_same_key(state, deployment, handed)
    key = read_key(clients, state.key_arn) if state.key_arn else None
    return state, key, role_arns(name, deployment, handed=handed, customers=customers)


def _makes_key(deployment: Deployment) -> bool:
    cmek = deployment.cmek
    return cmek is not None and cmek.has_own_key and cmek.key.adopt is None


def _require_same_key(state: OffboardingState, deployment: Deployment, handed: HandedOver | None) -> None:
    """See that the file and the record are about the key that the offboarding was begun with."""
    cmek = deployment.cmek
    has_key = cmek is not None and cmek.has_own_key
    known = {each for each in (cmek.key.adopt if cmek else None, handed.get(Value.KEY_ARN) if handed else None) if each}
    if has_key != (state.key_arn is not None) or known - {state.key_arn} or _makes_key(deployment) != state.made_key:
        made = "made here" if state.made_key else "adopted"
        about = f"key {state.key_arn}, {made}" if state.key_arn else "no key of its own"
        raise PinekeepError(
            f"{state.deployment}: the offboarding was begun with {about}; the file or the record of what was handed "
            "over says otherwise",
            hint="bring the file back to what it was, or go back with the file as it was",
        )
