"""A target of a fleet as the subject of the checks: its fixes are those of a stack that a stack set manages."""

from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import alias_of
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME
from pinekeep.operations.verification.checks import record, record_access, record_endpoint
from pinekeep.operations.verification.checks.check import CheckInfo, Subject
from pinekeep.operations.verification.verify import CHECKS

_RECORD: Final = "a fleet's record is beside the configuration file, not in the accounts; see fleet-handed-over"
LEFT_OUT: Final = {
    "cmek-stack-policy": "StackSets gives its stacks no stack policy",
    "cmek-stack-protection": "StackSets gives its stacks no termination protection",
    "cmek-stack-drift": "the stack set detects the drift of its stacks; see fleet-instance-drift",
    "private-link-stack-drift": "the stack set detects the drift of its stacks; see fleet-instance-drift",
    **{each.id: _RECORD for module in (record, record_endpoint, record_access) for each in module.CHECKS},
}
"""The checks that are not made of a fleet, each with the reason."""
FLEET_CHECKS: Final[tuple[CheckInfo, ...]] = tuple(each for each in CHECKS if each.id not in LEFT_OUT)
"""The checks that are made of each target."""


@dataclass(frozen=True, kw_only=True)
class FleetSubject(Subject):
    """A target of a fleet, and its live state. ``name``: the fleet's."""

    @property
    def _stack(self) -> Document | None:
        found = self.live.cmek_stack if self.deployment.cmek is not None else self.live.private_link_stack
        return found if isinstance(found, dict) else None

    def run(self, command: str) -> str:
        """Return what does for a fleet what a command does for a deployment."""
        verb, *options = command.split()
        match verb:
            case "restore":
                return (
                    f"in the account, aws iam delete-role-policy --role-name {self.role.name} --policy-name "
                    f"{REVOKED_POLICY_NAME}"
                )
            case "recover":
                return (
                    "in the account, aws cloudformation create-change-set --change-set-type IMPORT with the template "
                    "of the stack set; then aws cloudformation import-stacks-to-stack-set in the administrator account"
                )
            case "access":
                key = alias_of(self.name, self.deployment) or self.deployment.whole.cmek
                return f"aws kms get-key-policy --policy-name default --key-id {key} --region {self.region}"
            case "destroy" | "offboard":
                return f"pinekeep fleet remove --fleet {self.name} --account {self.account} --region {self.region}"
            case "verify":
                return f"pinekeep fleet verify --fleet {self.name} --account {self.account}"
            case _:
                return " ".join(("pinekeep fleet", verb, "--fleet", self.name, *options))

    @property
    def restore(self) -> str:
        """What to do when something was changed in the account: StackSets updates what its template changes alone."""
        if self.contradictions:
            return super().restore
        if self._stack is None:
            return self.run("deploy")
        parameters = [str(each["ParameterKey"]) for each in self._stack.get("Parameters") or []]
        kept = " ".join(f"ParameterKey={each},UsePreviousValue=true" for each in parameters)
        return (
            "revert it to the template, in the account: aws cloudformation create-change-set --change-set-name "
            f"revert-drift --deployment-mode REVERT_DRIFT --stack-name {self._stack.get('StackId')} --region "
            f"{self.region} --use-previous-template --capabilities CAPABILITY_NAMED_IAM"
            f"{f' --parameters {kept}' if kept else ''}; review it, then: aws cloudformation execute-change-set "
            f"--change-set-name revert-drift --stack-name {self._stack.get('StackId')} --region {self.region}"
        )

    def make(self, stack: Any) -> str:
        """Return how to make a resource that is not there."""
        return self.restore if isinstance(stack, dict) else f"deploy it: {self.run('deploy')}"
