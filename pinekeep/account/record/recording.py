"""Recording handovers, for several deployments."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.identity import who_am_i
from pinekeep.account.record.endpoint import gone_endpoints, retired
from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.account.record.store import Record, changed_record, next_record, read_record, write_record
from pinekeep.errors import PinekeepError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.output.handoff import RecordOutput
from pinekeep.model.policies.trust import Trusted, trusted


@dataclass(frozen=True)
class Noted:
    """A deployment's record after it was written, or as it would be; ``changed`` also where damage is repaired."""

    record: Record
    changed: bool

    def as_output(self) -> RecordOutput:
        """Return it for the output of ``handoff``."""
        return RecordOutput(
            deployment=self.record.deployment,
            parameter=naming.record_parameter(self.record.deployment),
            changed=self.changed,
            version=self.record.stored.version if self.record.stored else None,
            values={value.value: given for value, given in self.record.handed_over.values.items()},
            recorded_at=self.record.recorded_at,
            recorded_by=self.record.recorded_by,
        )


def note_handoff(
    deployments: Mapping[str, Deployment],
    outputs: Mapping[str, Mapping[str, str]],
    *,
    access: Access,
    dry_run: bool = False,
    endpoint_registered_anew: bool = False,
) -> list[Noted]:
    """Record what was handed over, in each deployment's own account. All records are read before one is written.

    ``outputs``: the outputs of each deployment's stacks, by the deployment's name. ``endpoint_registered_anew``: as for
    :func:`pinekeep.account.record.store.next_record`. Raises PinekeepError if a value differs from the recorded one, or
    a record is invalid. Nothing is written then.
    """
    access.require_accounts(deployments, changing=not dry_run)
    made: list[Noted] = []
    for name, deployment in deployments.items():
        if deployment.cmek is None and deployment.private_link is None:
            continue  # role and bucket of audit logs can be changed in Pinecone's console
        clients = access.clients_for(deployment)
        trust = deployed_trust(clients, name) if deployment.cmek is not None else None
        given = HandedOver.of_outputs(deployment, outputs[name], trust=trust)
        if not given.values:
            raise PinekeepError(f"{name} has nothing to hand over", hint="deploy it first")
        before = read_record(clients, name)
        given, gone = _live_endpoints(clients, name, given, before)
        record = next_record(
            name,
            given,
            before=before,
            by=who_am_i(clients).arn,
            endpoint_registered_anew=endpoint_registered_anew,
            gone=gone,
        )
        # A record without a copy was written by an earlier version.
        made.append(Noted(record, changed=record is not before or record.damage is not None or record.copy is None))
    if dry_run:
        return made
    return [
        Noted(write_record(access.clients_for(deployments[each.record.deployment]), each.record), changed=True)
        if each.changed
        else each
        for each in made
    ]


def _live_endpoints(
    clients: Clients, name: str, given: HandedOver, before: Record | None
) -> tuple[HandedOver, frozenset[str]]:
    """Return the handover without a standby endpoint that is gone, and all endpoints that are gone. One call."""
    serving = given.get(Value.ENDPOINT_ID)
    if serving is None:
        return given, frozenset()
    known = before.handed_over.registered_endpoints if before else ()
    gone = gone_endpoints(clients, {*given.registered_endpoints, *known})
    if serving in gone:
        raise PinekeepError(
            f"{name}: the endpoint {serving} no longer exists, so there is nothing to register",
            hint=f"`pinekeep plan --deployment {name}` says how to make another",
        )
    standby = tuple(each for each in given.standby_endpoints if each not in gone)
    return replace(given, standby_endpoints=standby), gone


def registered_endpoints(deployments: Mapping[str, Deployment], *, access: Access) -> dict[str, tuple[str, ...]]:
    """Return recorded endpoints by deployment; no check of the account. Raises PinekeepError for an invalid record."""
    found = {name: read_record(access.clients_for(each), name) for name, each in deployments.items()}
    return {
        name: record.handed_over.registered_endpoints
        for name, record in found.items()
        if record is not None and record.handed_over.registered_endpoints
    }


def note_retirement(deployments: Mapping[str, Deployment], *, access: Access) -> None:
    """Record that all endpoints of the deployments are retired. Call it before they are removed.

    An interrupted run leaves endpoints that exist and are recorded as retired: removing them again is the way on.
    Raises PinekeepError if a record is invalid.
    """
    for name, deployment in deployments.items():
        clients = access.clients_for(deployment)
        before = read_record(clients, name)
        if before is not None and before.handed_over.registered_endpoints:
            after = changed_record(name, retired(before.handed_over), before=before, by=who_am_i(clients).arn)
            write_record(clients, after)


def deployed_trust(clients: Clients, name: str) -> Trusted:
    """Return the principals that the role of a deployment's stack trusts, as deployed. One call."""
    with refusals_told():
        found: Any = clients.client("cloudformation").get_template(
            StackName=naming.cmek_stack(name), TemplateStage="Original"
        )["TemplateBody"]
    roles = [each for each in found["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
    return trusted(roles[0]["Properties"]["AssumeRolePolicyDocument"]) if roles else Trusted()
