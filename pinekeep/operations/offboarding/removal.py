"""Removing the stacks at the end, and the resources that remain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.process import Looks
from pinekeep.account.record.offboarding import offboarding_name
from pinekeep.decisions.privileges.scope import makes_key, makes_vpc
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import stack_region
from pinekeep.model.config.models import alias_of
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME
from pinekeep.operations.deployment.deployer import Deployer
from pinekeep.operations.deployment.stack_deletion import deletable_stacks
from pinekeep.operations.offboarding.alarm import TARGET, rule_name
from pinekeep.operations.plan.cloudformation import describe_stack, wait_for
from pinekeep.operations.revocation.targets import PENDING_DELETION, KeyState

SECONDS_TO_DELETE: Final = 600.0


@dataclass(frozen=True, kw_only=True)
class Removal:
    """The stacks of one deployment; ``roles`` are names, ``topic`` is set if there is an alarm."""

    name: str
    deployment: Deployment
    clients: Clients
    deployer: Deployer
    roles: tuple[str, ...]
    topic: str | None = None

    @property
    def _cmek(self) -> str:
        return naming.cmek_stack(self.name)

    def stacks(self, key: KeyState | None = None) -> list[str]:
        """Return the existing stacks that are removed, in order.

        Not among them: the stack of the audit bucket, whose logs are of the whole organization, and while the key
        exists, those of its monitoring.
        """
        names = [naming.private_link_stack(self.name)]
        if self.deployment.audit_logs is None and self.deployment.storage_integrations:
            names.append(naming.storage_stack(self.name))
        names.append(self._cmek)
        if self.deployment.monitoring is not None and not self._is_pending(key):
            names += deletable_stacks(self.name, self.deployment, "monitoring")
        return self._existing(names)

    def remove(self, key: KeyState | None = None) -> list[str]:
        """Remove them; return their names.

        Raises:
            PinekeepError: a stack could not be removed.
        """
        stacks = self.stacks(key)
        for each in stacks:
            if each == self._cmek:
                self._remove_cmek()
            else:
                self.deployer.remove([each])
        return stacks

    def _existing(self, names: Sequence[str]) -> list[str]:
        return [each for each in names if self._exists(each)]

    def _exists(self, stack: str) -> bool:
        clients = self.clients.in_region(stack_region(stack, self.name, self.deployment))
        return describe_stack(clients.client("cloudformation"), stack) is not None

    def _is_pending(self, key: KeyState | None) -> bool:
        """Return whether there is a key whose end is still to be announced."""
        return makes_key(self.deployment) and key is not None and key.state is not None

    def protect(self) -> None:
        """Turn the termination protection of the key's stack on again, if it still exists."""
        if self._exists(self._cmek):
            self._protection(on=True)

    def _remove_cmek(self) -> None:
        cloudformation = self.clients.client("cloudformation")

        def status() -> str:
            return str((describe_stack(cloudformation, self._cmek) or {}).get("StackStatus", "DELETE_COMPLETE"))

        if status() != "DELETE_IN_PROGRESS":
            self._protection(on=False)
            cloudformation.delete_stack(StackName=self._cmek)
        looks = Looks(f"CloudFormation to delete stack {self._cmek}", seconds=SECONDS_TO_DELETE)
        try:
            ended = wait_for(looks, lambda: now if (now := status()) in ("DELETE_COMPLETE", "DELETE_FAILED") else None)
        except TimeoutError:
            raise PinekeepError(f"stack {self._cmek} is still being removed", hint="run it again in a while") from None
        if ended == "DELETE_FAILED":
            raise AwsRefusedError(
                f"stack {self._cmek} could not be removed",
                hint=f"see why: aws cloudformation describe-stack-events --stack-name {self._cmek}; then run it again",
            )

    def _protection(self, *, on: bool) -> None:
        change = self.clients.client("cloudformation").update_termination_protection
        change(StackName=self._cmek, EnableTerminationProtection=on)

    def remains(self, key: KeyState | None) -> list[str]:
        """Return the resources that remain without the stacks, and how to remove them."""
        return [*self._key(key), *self._roles(), *self._further(key), *self._others()]

    def _key(self, key: KeyState | None) -> list[str]:
        if key is None or key.state is None:
            return []
        alias = alias_of(self.name, self.deployment)
        gone = f"; until then: aws kms cancel-key-deletion --key-id {key.arn}"
        if key.state in PENDING_DELETION:
            when = f" on {key.deletion_date:%Y-%m-%d}" if key.deletion_date else ""
            lines = [f"key {key.arn}: KMS deletes it{when}{gone}"]
        else:
            lines = [f"key {key.arn}: yours, and unchanged"]
        return [*lines, f"{alias}: deleted with the key"] if alias else lines

    def _roles(self) -> list[str]:
        return [
            f"role {role}: once the key is gone: aws iam delete-role --role-name {role} (its policies first: aws iam "
            f"list-role-policies, {REVOKED_POLICY_NAME} among them, and list-attached-role-policies)"
            for role in self.roles
        ]

    def _further(self, key: KeyState | None) -> list[str]:
        lines = []
        storage = naming.storage_stack(self.name)
        if self.deployment.audit_logs is not None and self._exists(storage):
            lines.append(
                f"stack {storage}: the audit logs are of your whole Pinecone organization; when they are no longer "
                f"wanted: pinekeep destroy --only storage --deployment {self.name}"
            )
        watching = deletable_stacks(self.name, self.deployment, "monitoring")
        if self.deployment.monitoring is not None and self._is_pending(key) and (there := self._existing(watching)):
            lines.append(
                f"{' and '.join(f'stack {each}' for each in there)}: notifies of use of the key and of its "
                f"deletion; once the key is gone: pinekeep destroy --only monitoring --deployment {self.name}"
            )
        return lines

    def _others(self) -> list[str]:
        notes = " ".join([*naming.parameters(self.name), offboarding_name(self.name)])
        lines = [f"parameters {notes}: the record of the offboarding; aws ssm delete-parameters --names {notes}"]
        if self.topic:
            rule = rule_name(self.name)
            lines.append(
                f"alarm {rule}: until the key is gone; then: aws events remove-targets --rule {rule} --ids {TARGET}, "
                f"and aws events delete-rule --name {rule}"
            )
        if makes_vpc(self.deployment):
            lines.append("the log group of the VPC's flow logs: the record of who used the endpoint")
        return lines
