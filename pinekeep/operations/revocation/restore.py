"""Restoring Pinecone's access: undoing what of a revocation is in force, and nothing else."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.record.offboarding import holds_key
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.customers.packing import Packing
from pinekeep.model.output.revocation import CutOffStepOutput, RestoredOutput
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME
from pinekeep.operations.revocation.methods import POLICY_WORDS
from pinekeep.operations.revocation.note import Note, note_name, read_note, write_note
from pinekeep.operations.revocation.targets import (
    DISABLED,
    ENABLED,
    PENDING_DELETION,
    KeyState,
    RoleState,
    Targets,
    read_targets,
)
from pinekeep.operations.revocation.task import Step, Task, carry_out


@dataclass(frozen=True, kw_only=True)
class Restoration:
    """The restoration of one deployment with ``cmek``; ``by`` is the ARN of the caller.

    ``customers`` is needed if it has ``customer_keys``. ``enable_key``: enable the key even if the note does not say
    that ``revoke`` disabled it. ``cancel_deletion``: cancel a pending deletion of the key and enable it.
    """

    name: str
    deployment: Deployment
    clients: Clients
    customers: Packing | None
    by: str
    enable_key: bool = False
    cancel_deletion: bool = False

    def plan(self) -> "PlannedRestoration":
        """Read what of a revocation is in force. Changes nothing.

        Raises:
            AwsRefusedError: AWS refuses.
            PinekeepError: it is unknown which key Pinecone uses, or the note is invalid.
        """
        with refusals_told():
            targets = self.read()
            note = read_note(self.clients, self.name)
            offboarded = holds_key(self.clients, self.name)
        found = [self._role(role) for role in targets.roles]
        if targets.key is not None:
            found.append(_offboarded(targets.key) if offboarded else self._key(targets.key, note))
        return PlannedRestoration(self, note, tuple(each for each in found if each is not None))

    def read(self) -> Targets:
        """Return the roles and keys as they are now."""
        return read_targets(self.name, self.deployment, clients=self.clients, customers=self.customers)

    def _role(self, role: RoleState) -> Task | None:
        if role.policy is None:
            return None
        target, action = f"role {role.name}", f"freed of the {POLICY_WORDS}"
        if not role.is_cut_off:
            why = (
                "the policy of that name is not the one that `pinekeep revoke` writes; review it, and to delete "
                f"it: aws iam delete-role-policy --role-name {role.name} --policy-name {REVOKED_POLICY_NAME}"
            )
            return Task(Step(target, action, "left", why))
        delete = self.clients.client("iam").delete_role_policy
        delete = partial(delete, RoleName=role.name, PolicyName=REVOKED_POLICY_NAME)
        return Task(Step(target, action, "planned"), delete)

    def _key(self, key: KeyState, note: Note) -> Task | None:
        target = f"key {key.arn}"
        if key.state == ENABLED:
            return None
        if key.state in PENDING_DELETION:
            action = "kept from deletion and enabled"
            when = f" on {key.deletion_date:%Y-%m-%d}" if key.deletion_date else ""
            if self.cancel_deletion:
                return Task(Step(target, action, "planned", f"it is to be deleted{when}"), partial(self._cancel, key))
            why = f"it is to be deleted{when}, and Pinecone's data becomes unreadable; to keep it: --cancel-deletion"
            return Task(Step(target, action, "left", why))
        if key.state != DISABLED:
            return Task(Step(target, "enabled", "left", f"it is in state {key.state or 'deleted'}"))
        if note.key_arn == key.arn or self.enable_key:
            return Task(Step(target, "enabled", "planned"), partial(self._enable, key))
        why = "it is disabled, and not noted as disabled by `pinekeep revoke`; to enable it: --enable-key"
        return Task(Step(target, "enabled", "left", why))

    def _enable(self, key: KeyState) -> Any:
        return self.clients.client("kms").enable_key(KeyId=key.arn)

    def _cancel(self, key: KeyState) -> None:
        # KMS disables a key whose deletion is cancelled.
        self.clients.client("kms").cancel_key_deletion(KeyId=key.arn)
        self._enable(key)


@dataclass(frozen=True)
class PlannedRestoration:
    """A restoration that was planned and not carried out: the note, the changes, and what is not changed."""

    restoration: Restoration
    note: Note
    tasks: tuple[Task, ...]

    @property
    def changes(self) -> bool:
        """Whether there is anything to change."""
        return any(task.act for task in self.tasks)

    def preview(self) -> RestoredOutput:
        """Return what would be done."""
        return self._output([task.step for task in self.tasks], None)

    def carry_out(self) -> RestoredOutput:
        """Make the changes, then clear the note.

        Raises:
            AwsRefusedError: everything was attempted, and the result cannot be read.
        """
        steps = carry_out(self.tasks)
        to_do = self.restoration
        with refusals_told():
            after = to_do.read()
        all_done = all(step.status == "done" for step in steps)
        return self._output([*steps, *(self._clear_note() if all_done else ())], _has_access(after))

    def _clear_note(self) -> list[Step]:
        if self.note.is_empty:
            return []
        to_do = self.restoration
        try:
            write_note(to_do.clients, self.note, roles=(), key_arn=None, by=to_do.by)
        except PinekeepError as error:
            why = f"{error.message}; run it again"
            return [Step(f"parameter {note_name(to_do.name)}", "updated: nothing is revoked", "failed", why)]
        return []

    def _output(self, steps: list[Step], let_in: bool | None) -> RestoredOutput:
        return RestoredOutput(
            deployment=self.restoration.name,
            steps=[CutOffStepOutput(**vars(step)) for step in steps],
            let_in=let_in,
            not_restored=list(self.note.ended_grants),
        )


def _offboarded(key: KeyState) -> Task | None:
    if key.state == ENABLED:
        return None
    why = f"it is {key.state or 'deleted'} by an offboarding: `pinekeep offboard --status`, and --back to go back"
    return Task(Step(f"key {key.arn}", "enabled", "left", why))


def _has_access(targets: Targets) -> bool:
    roles = all(role.exists and role.policy is None for role in targets.roles)
    return roles and (targets.key is None or targets.key.state == ENABLED)
