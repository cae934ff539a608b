"""Loading an offboarding: its state, the key, the roles and the time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.account.record.offboarding import Gate, OffboardingState, read_offboarding
from pinekeep.account.record.store import read_record
from pinekeep.decisions.privileges.scope import makes_key
from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.derived import removal_hint
from pinekeep.model.facts import pinecone_api
from pinekeep.operations.deployment.deployer import Deployer
from pinekeep.operations.offboarding.alarm import require_topic
from pinekeep.operations.offboarding.gate import CannotAskError, GateContext, IndexLook
from pinekeep.operations.offboarding.offboard import Offboarding
from pinekeep.operations.offboarding.removal import Removal
from pinekeep.operations.revocation.targets import KeyState, read_key, read_targets, role_arns

QUIET_DAYS: Final = 7
COOLING_DAYS: Final = 7
DAYS_MIN: Final = 1
"""A shorter period would miss a job that runs once a day."""
DAYS_MAX: Final = 60
"""CloudTrail's event history keeps 90 days, which must include the whole period."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The user's options: the days without use of the key, the days it stays disabled, the SNS topic for the alarm."""

    quiet_days: int = QUIET_DAYS
    cooling_days: int = COOLING_DAYS
    topic: str | None = None


def load_offboarding(
    configuration: Configuration,
    name: str,
    *,
    access: Access,
    options: Options,
    environment: Mapping[str, str],
    tell: Callable[[str], None],
) -> Offboarding:
    """Return the offboarding of one deployment as it is now; one that was not begun is before its first gate.

    Raises:
        WrongInputError: the deployment has no key and no role, or the topic is invalid.
        AwsRefusedError: AWS refuses, or the credentials are of another account.
        PinekeepError: the state is invalid, or about another key.
    """
    deployment = configuration.deployments[name]
    if deployment.cmek is None:
        raise WrongInputError(
            f"{name} has no key and no role, so there is nothing to offboard",
            hint=removal_hint(name, deployment),
        )
    if options.topic is not None:
        require_topic(options.topic, region=deployment.region)
    access.require_accounts({name: deployment}, changing=True)
    clients = access.clients_for(deployment)
    now = aws_now(clients)
    with refusals_told():
        state, key, roles = _state(configuration, name, deployment, clients, now)
    if options.topic is not None and state.next_gate is not Gate.KEY_DISABLED:
        raise WrongInputError(
            f"the alarm is set when the key is disabled, and the next gate of {name} is {state.next_gate or 'none'}",
            hint="leave --alarm-topic out; to change the alarm of a disabled key: `pinekeep offboard --back`",
        )
    topic = options.topic or state.topic
    deployer = Deployer(configuration=configuration, deployments={name: deployment}, access=access, tell=tell)
    context = GateContext(
        name=name,
        region=deployment.region,
        state=state,
        key=key,
        roles=tuple(roles),
        clients_for=clients.in_region,
        now=now,
        clock=lambda: aws_now(clients),
        quiet=timedelta(days=options.quiet_days),
        cooling=timedelta(days=options.cooling_days),
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
    return Offboarding(context, access.caller(deployment).arn)


def _state(
    configuration: Configuration, name: str, deployment: Deployment, clients: Clients, now: datetime
) -> tuple[OffboardingState, KeyState | None, list[str]]:
    """Return the state, its key, and the ARNs of the roles."""
    customers = configuration.rosters.packings.get(name)
    state = read_offboarding(clients, name, now=now)
    if state is None:
        targets = read_targets(name, deployment, clients=clients, customers=customers)
        fresh = OffboardingState(name, targets.key.arn if targets.key else None, makes_key(deployment))
        return fresh, targets.key, [role.arn for role in targets.roles]
    record = read_record(clients, name)
    handed = record.handed_over if record else None
    _require_same_key(state, deployment, handed)
    key = read_key(clients, state.key_arn) if state.key_arn else None
    return state, key, role_arns(name, deployment, handed=handed, customers=customers)


def _require_same_key(state: OffboardingState, deployment: Deployment, handed: HandedOver | None) -> None:
    """Check that the file and the record are about the key of the offboarding."""
    cmek = deployment.cmek
    has_key = cmek is not None and cmek.has_own_key
    known = {each for each in (cmek.key.adopt if cmek else None, handed.get(Value.KEY_ARN) if handed else None) if each}
    if has_key != (state.key_arn is not None) or known - {state.key_arn} or makes_key(deployment) != state.made_key:
        made = "created here" if state.made_key else "adopted"
        about = f"key {state.key_arn}, {made}" if state.key_arn else "no key of its own"
        raise PinekeepError(
            f"{state.deployment}: the offboarding was begun with {about}; the file or the record of the handover says "
            "otherwise",
            hint="revert the change of the file",
        )


def aws_now(clients: Clients) -> datetime:
    """Return the time of AWS, in UTC; that of this machine if the answer has none. One call.

    Raises:
        AwsRefusedError: AWS refuses.
    """
    with refusals_told():
        answer = clients.client("sts").get_caller_identity()
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except (TypeError, ValueError):
        return datetime.now(UTC)


def index_look(name: str, deployment: Deployment, *, clients: Clients, environment: Mapping[str, str]) -> IndexLook:
    """Return a function that asks Pinecone for a deployment's indexes. A refusal by Pinecone is an error."""

    def look() -> Sequence[str]:
        from pinekeep.pinecone.errors import PineconeStateError  # noqa: PLC0415 - slow to import
        from pinekeep.pinecone.indexes import indexes_left  # noqa: PLC0415

        if not environment.get(pinecone_api.CLIENT_ID_VARIABLE):
            raise CannotAskError(f"there is no service account in {pinecone_api.CLIENT_ID_VARIABLE}")
        try:
            return [each.name for each in indexes_left(name, deployment, clients=clients, environment=environment)]
        except PineconeStateError as error:
            raise CannotAskError(error.message) from error

    return look
