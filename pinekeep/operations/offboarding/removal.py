"""Removing the stacks at the end, and the resources that remain."""

from dataclasses import dataclass
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.process import Looks
from pinekeep.account.record.offboarding import offboarding_name
from pinekeep.decisions.privileges.scope import makes_vpc
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import alias_of
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME
from pinekeep.operations.deployment.deployer import Deployer
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

    def stacks(self) -> list[str]:
        """Return the existing stacks, in the order in which they are removed."""
        cloudformation = self.clients.client("cloudformation")
        names = (naming.private_link_stack(self.name), self._cmek)
        return [each for each in names if describe_stack(cloudformation, each)]

    def remove(self) -> list[str]:
        """Remove them; return their names.

        Raises:
            PinekeepError: a stack could not be removed.
        """
        stacks = self.stacks()
        if naming.private_link_stack(self.name) in stacks:
            self.deployer.remove([naming.private_link_stack(self.name)])
        if self._cmek in stacks:
            self._remove_cmek()
        return stacks

    def protect(self) -> None:
        """Turn the termination protection of the key's stack on again, if it still exists."""
        if self._cmek in self.stacks():
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
        return [*self._key(key), *self._roles(), *self._others()]

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
