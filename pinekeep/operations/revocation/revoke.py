"""Revoking Pinecone's access to a deployment's keys."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.config.roles import grant_holders
from pinekeep.model.customers.packing import Packing
from pinekeep.model.output.revocation import CutOffStepOutput, RevokedOutput
from pinekeep.model.policies.grant_holders import Holder, Holders
from pinekeep.model.policies.grants import Grant
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME, revoked_policy
from pinekeep.operations.revocation.methods import GOES_ON, MEMORY, POLICY_WORDS, STOPS, Method
from pinekeep.operations.revocation.note import Note, note_name, read_note, write_note
from pinekeep.operations.revocation.proof import Proof, prove
from pinekeep.operations.revocation.targets import (
    ENABLED,
    KeyState,
    OpenKey,
    RoleState,
    Targets,
    read_open_keys,
    read_targets,
)
from pinekeep.operations.revocation.task import Step, Task, carry_out

LOOKS: Final = 6
"""How often the result is checked: IAM and KMS take seconds to spread a change."""
SECONDS_BETWEEN: Final = 2.0
_ENDED: Final = "ended"
_FOR_GOOD: Final = "for good: `pinekeep restore` creates no grants"
_NOT_OURS: Final = "the key is adopted, and its owner may need this; to end it anyway, add --adopted-key"
_SHOWN: Final = 10
_NOTED_CHARACTERS: Final = 200


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """The revocation of one deployment with ``cmek``; ``by`` is the ARN of the caller.

    ``customers`` is needed if it has ``customer_keys``. ``end_grants``: end the grants on the key and its replicas too.
    ``adopted_key``: other users of an adopted key may be affected.
    """

    name: str
    deployment: Deployment
    method: Method
    clients: Clients
    customers: Packing | None
    pinecone_account: str
    by: str
    end_grants: bool = False
    adopted_key: bool = False
    wait: Callable[[float], None] = time.sleep

    def plan(self) -> "PlannedRevocation":
        """Read the present state and plan the changes. Changes nothing.

        Raises:
            AwsRefusedError: AWS refuses.
            PinekeepError: it is unknown which key Pinecone uses.
        """
        with refusals_told():
            targets = self.read()
            note = read_note(self.clients, self.name)
            keys = read_open_keys(self.clients, targets.key) if targets.key is not None else ()
        tasks: list[Task] = []
        if self.method.by_role:
            tasks += [self._role(role) for role in targets.roles]
        if self.method.by_key and targets.key is not None:
            tasks.append(self._key(targets.key))
        if self.end_grants:
            holders = grant_holders(self.name, self.deployment, self.customers)
            tasks += _ending_grants(keys, holders, self.clients, owners_too=self.adopted_key)
        return PlannedRevocation(self, targets, note, keys, tuple(tasks))

    def read(self) -> Targets:
        """Return the roles and keys as they are now."""
        return read_targets(self.name, self.deployment, clients=self.clients, customers=self.customers)

    def _role(self, role: RoleState) -> Task:
        target, action = f"role {role.name}", f"denied everything ({POLICY_WORDS})"
        if not role.exists:
            return Task(Step(target, action, "absent", "there is no such role, so nobody can assume it"))
        if role.is_cut_off:
            return Task(Step(target, action, "already"))
        put = partial(
            self.clients.client("iam").put_role_policy,
            RoleName=role.name,
            PolicyName=REVOKED_POLICY_NAME,
            PolicyDocument=json.dumps(revoked_policy()),
        )
        return Task(Step(target, action, "planned"), put)

    def _key(self, key: KeyState) -> Task:
        target, action = f"key {key.arn}", "disabled"
        if key.state is None:
            return Task(Step(target, action, "absent", "there is no such key"))
        if key.state != ENABLED:
            return Task(Step(target, action, "already", f"it is in state {key.state}"))
        replicas = ", ".join(key.replicas)
        stay = f"its replicas are keys of their own and stay enabled: {replicas}" if replicas else None
        disable = partial(self.clients.client("kms").disable_key, KeyId=key.arn)
        return Task(Step(target, action, "planned", stay), disable)


@dataclass(frozen=True)
class PlannedRevocation:
    """A revocation that was planned and not carried out: the state as read, and the changes."""

    revocation: Revocation
    targets: Targets
    note: Note
    keys: tuple[OpenKey, ...]
    tasks: tuple[Task, ...]

    @property
    def changes(self) -> bool:
        """Whether there is anything to change."""
        return any(task.act for task in self.tasks)

    def preview(self) -> RevokedOutput:
        """Return what would be done."""
        return self._output([task.step for task in self.tasks], None)

    def carry_out(self) -> RevokedOutput:
        """Make all changes, even if some fail, and prove the result.

        The note is written first, so that ``restore`` knows of the changes even if this is killed. A failure to write
        it does not stop the revocation.

        Raises:
            AwsRefusedError: everything was attempted, and the result cannot be read.
        """
        return self._output([*self._note(), *carry_out(self.tasks)], self._proof())

    def _note(self) -> list[Step]:
        to_do = self.revocation
        planned = {task.step.target for task in self.tasks if task.act}
        roles = tuple(each.name for each in self.targets.roles if f"role {each.name}" in planned or each.is_cut_off)
        key = self.targets.key
        disabled = key.arn if key is not None and f"key {key.arn}" in planned else self.note.key_arn
        try:
            write_note(
                to_do.clients,
                self.note,
                roles=roles,
                key_arn=disabled,
                ended_grants=tuple(dict.fromkeys((*self.note.ended_grants, *_noted_grants(self._ending())))),
                by=to_do.by,
            )
        except PinekeepError as error:
            why = f"{error.message}; without it `pinekeep restore` enables the key only with --enable-key"
            return [Step(f"parameter {note_name(to_do.name)}", "written with what is done", "failed", why)]
        return []

    def _ending(self) -> list[Grant]:
        """Return the grants to end."""
        planned = {task.step.target for task in self.tasks if task.act}
        return [each for key in self.keys for each in key.grants or () if f"{each} on {key.words}" in planned]

    def _proof(self) -> Proof:
        to_do = self.revocation
        proof = Proof(False, ())
        for look in range(LOOKS):
            if look:
                to_do.wait(SECONDS_BETWEEN)
            with refusals_told():
                proof = prove(
                    to_do.name,
                    to_do.deployment,
                    to_do.read(),
                    pinecone_account=to_do.pinecone_account,
                    clients=to_do.clients,
                )
            if proof.cut_off or not self.changes:
                break
        return proof

    def _output(self, steps: list[Step], proof: Proof | None) -> RevokedOutput:
        method = self.revocation.method
        ended = {each.id for each in self._ending()} if proof is None else set()
        seen = [
            replace(each, grants=tuple(grant for grant in each.grants or () if grant.id not in ended))
            for each in (self.keys if proof is None else proof.keys)
        ]
        return RevokedOutput(
            deployment=self.revocation.name,
            how=method.value,
            steps=[CutOffStepOutput(**vars(step)) for step in steps],
            cut_off=None if proof is None else proof.cut_off,
            proof=[] if proof is None else list(proof.sentences),
            stops=STOPS[method],
            goes_on=[*GOES_ON[method], *_working_grants(seen, key_stops=method.by_key), MEMORY],
            sessions_cut_off=None if proof is None else proof.sessions_cut_off,
        )


def _ending_grants(keys: Sequence[OpenKey], holders: Holders, clients: Clients, *, owners_too: bool) -> Iterator[Task]:
    """Yield the changes that end grants: on an adopted key only those of strangers, unless ``owners_too``."""
    for key in keys:
        if key.grants is None:
            yield Task(Step(f"grants on {key.words} {key.arn}", _ENDED, "failed", f"{key.unreadable}; run it again"))
        for grant in key.grants or ():
            target = f"{grant} on {key.words}"
            if holders.adopted and not owners_too and holders.holder(grant) is not Holder.STRANGER:
                yield Task(Step(target, _ENDED, "left", _NOT_OURS))
                continue
            kms = clients.in_region(key.region).client("kms")
            end = partial(kms.revoke_grant, KeyId=key.arn, GrantId=grant.id)
            yield Task(Step(target, _ENDED, "planned", _FOR_GOOD), end)


def _working_grants(keys: Sequence[OpenKey], *, key_stops: bool) -> Iterator[str]:
    """Yield in words which of the remaining grants keep working; ``key_stops`` says whether the key is disabled."""
    for key in keys:
        stops = (key_stops and not key.is_replica) or key.is_stopped
        found = key.grants or ()
        for grant in found[:_SHOWN]:
            what = f"{grant} on {key.words}{f' ({grant.origin})' if grant.origin else ''}"
            if stops:
                yield f"{what}: it stops while {key.words} is not enabled, and works again after `pinekeep restore`"
            else:
                yield f"{what}: it keeps working; --end-grants ends it, or {grant.revoke_command}"
        if len(found) > _SHOWN:
            listing = f"aws kms list-grants --key-id {key.arn} --region {key.region}"
            yield f"{len(found) - _SHOWN} more grants on {key.words}: {listing}"


def _noted_grants(grants: Sequence[Grant]) -> list[str]:
    """Return ended grants in words, for the note."""
    return [f"{each.grantee}: {', '.join(each.operations)}"[:_NOTED_CHARACTERS] for each in grants[:_SHOWN]]
