"""Cutting Pinecone off from a deployment's keys."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.config.roles import grant_holders
from pinekeep.model.customers.packing import Packing
from pinekeep.model.output.models import CutOffStepOutput, RevokedOutput
from pinekeep.model.policies.grants import Grant
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME, revoked_policy
from pinekeep.operations.revocation.grants import ended, ending, going_on
from pinekeep.operations.revocation.key_access import OpenKey, read_open_keys
from pinekeep.operations.revocation.methods import GOES_ON, MEMORY, STOPS, How, policy_words
from pinekeep.operations.revocation.note import Note, note_name, read_note, write_note
from pinekeep.operations.revocation.proof import Proof, prove
from pinekeep.operations.revocation.targets import ENABLED, KeyState, RoleState, Targets, read_targets
from pinekeep.operations.revocation.task import Step, Task, carry_out

LOOKS: Final = 6
"""How often the result is looked at before it is told as it is: IAM and KMS take seconds to spread a change."""
SECONDS_BETWEEN: Final = 2.0


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """Cutting off one deployment.

    Attributes:
        customers: the places of its customers; needed where it has ``customer_keys``.
        end_grants: whether to end the grants on the key and its replicas, too.
        adopted_key: whether what is done to an adopted key may stop others.
    """

    name: str
    deployment: Deployment
    how: How
    clients: Clients
    customers: Packing | None
    pinecone_account: str
    by: str
    end_grants: bool = False
    adopted_key: bool = False
    wait: Callable[[float], None] = time.sleep

    def plan(self) -> "PlannedRevocation":
        """Look at what there is. Changes nothing.

        Raises:
            AwsRefusedError: AWS refuses.
            PinekeepError: it cannot be known which key it is.
        """
        with refusals_told():
            targets = self.read()
            note = read_note(self.clients, self.name)
            keys = read_open_keys(self.clients, targets.key) if targets.key is not None else ()
        tasks: list[Task] = []
        if self.how.by_role:
            tasks += [self._role(role) for role in targets.roles]
        if self.how.by_key and targets.key is not None:
            tasks.append(self._key(targets.key))
        if self.end_grants:
            holders = grant_holders(self.name, self.deployment, self.customers)
            tasks += ending(keys, holders, self.clients, owners_too=self.adopted_key)
        return PlannedRevocation(self, targets, note, keys, tuple(tasks))

    def read(self) -> Targets:
        """Return what there is to cut off, as it is now."""
        return read_targets(self.name, self.deployment, clients=self.clients, customers=self.customers)

    def _role(self, role: RoleState) -> Task:
        target, action = f"role {role.name}", f"denied everything ({policy_words()})"
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
        replicas = (
            f"its replicas are keys of their own and stay on: {', '.join(key.replicas)}" if key.replicas else None
        )
        return Task(
            Step(target, action, "planned", replicas), partial(self.clients.client("kms").disable_key, KeyId=key.arn)
        )


@dataclass(frozen=True)
class PlannedRevocation:
    """A revocation, looked at and not carried out.

    Attributes:
        targets: what there is.
        note: what was noted before.
        keys: the key and its replicas with what opens them.
    """

    revocation: Revocation
    targets: Targets
    note: Note
    keys: tuple[OpenKey, ...]
    tasks: tuple[Task, ...]

    @property
    def changes(self) -> bool:
        """Whether anything is to be changed."""
        return any(task.act for task in self.tasks)

    def told(self) -> RevokedOutput:
        """Return what would be done."""
        return self._output([task.step for task in self.tasks], None)

    def carry_out(self) -> RevokedOutput:
        """Cut it off, whatever part of it fails, and prove it.

        What is about to be done is noted first, so that ``restore`` knows it even if this is killed in the middle.
        Without the note it goes on: cutting off is what matters now.

        Raises:
            AwsRefusedError: everything was tried, and what came of it cannot be read.
        """
        steps = [*self._note(), *carry_out(self.tasks)]
        proof = self._proof()
        return self._output(steps, proof)

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
                ended_grants=tuple(dict.fromkeys((*self.note.ended_grants, *ended(self._ending())))),
                by=to_do.by,
            )
        except PinekeepError as error:
            why = f"{error.message}; without it `pinekeep restore` enables the key only with --enable-key"
            return [Step(f"parameter {note_name(to_do.name)}", "written with what is done", "failed", why)]
        return []

    def _ending(self) -> list[Grant]:
        """Return the grants that are to be ended."""
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
        how = self.revocation.how
        gone = {each.id for each in self._ending()} if proof is None else set()
        seen = [
            replace(each, grants=tuple(grant for grant in each.grants or () if grant.id not in gone))
            for each in (self.keys if proof is None else proof.keys)
        ]
        return RevokedOutput(
            deployment=self.revocation.name,
            how=how.value,
            steps=[CutOffStepOutput(**vars(step)) for step in steps],
            cut_off=None if proof is None else proof.cut_off,
            proof=[] if proof is None else list(proof.told),
            stops=STOPS[how],
            goes_on=[*GOES_ON[how], *going_on(seen, key_stops=how.by_key), MEMORY],
            sessions_cut_off=None if proof is None else proof.sessions_cut_off,
        )
