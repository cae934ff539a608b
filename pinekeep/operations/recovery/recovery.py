"""Taking back in what a stack that is gone has left: an import, which changes none of it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.deploy_role import as_deploy_role
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.bootstrap import bootstrap_of
from pinekeep.model.facts import stack_status
from pinekeep.model.facts.bootstrap import EXECUTION
from pinekeep.operations.deployment.execution import ensure_stack_policy
from pinekeep.operations.plan.change_sets import PREFIX, clear_away
from pinekeep.operations.plan.cloudformation import Target
from pinekeep.operations.plan.creation import BODY_BYTES_MAX
from pinekeep.operations.plan.stacks import read_stack
from pinekeep.operations.plan.state import ROLE_TYPE, resources
from pinekeep.operations.recovery.discovery import Retained, find_retained
from pinekeep.operations.recovery.template import import_template, resources_to_import
from pinekeep.operations.synthesis.assembly import synthesize
from pinekeep.process import Looks, interrupts_deferred, scratch_folder

_PAUSE: Final = 0.5
_SECONDS_TO_REVIEW: Final = 120.0
_SECONDS_TO_IMPORT: Final = 3600.0
_DONE: Final = "IMPORT_COMPLETE"


class Recovery:
    """One deployment whose stack is gone.

    Args:
        access: the credentials; see that they are of the right account before.

    Raises:
        PinekeepError: there is nothing to take back in, or something does not match.
    """

    def __init__(
        self,
        configuration: Configuration,
        name: str,
        deployment: Deployment,
        *,
        access: Access,
        tell: Callable[[str], None],
    ) -> None:
        self._deployment = deployment
        self._access = access
        self._tell = tell
        self._executed = False
        self.name = name
        self.stack = naming.cmek_stack(name)
        if deployment.cmek is None:
            raise PinekeepError(f"{name} has no cmek, so there is no role and no key to take back in")
        own = access.clients_for(deployment)
        with refusals_told():
            status = read_stack(own, self.stack).status
        if status is not None:
            again = f"where something of it is gone, make it again: pinekeep deploy --revert-drift --deployment {name}"
            raise PinekeepError(
                f"{name}: stack {self.stack} is there (in state {status}), so nothing is to be taken back in",
                hint=stack_status.remedy(status, name=self.stack) or again,
            )
        with scratch_folder() as folder:
            synthesize(configuration, {name: deployment}, folder=folder)
            planned = json.loads((folder / f"{self.stack}.template.json").read_text())
        self.template = import_template(planned)
        names = [str(each["RoleName"]) for each in resources(self.template, ROLE_TYPE).values()]
        self.found: Retained = find_retained(name, deployment, role_names=names, clients=own)

    def run(self) -> None:
        """Import what was found into a new stack, and give the stack its guards. Ask before: this does not.

        Raises:
            AwsRefusedError: CloudFormation refuses, or AWS does. Nothing of what was found is changed then.
            PinekeepError: the template is too large to be sent along.
        """
        clients = as_deploy_role(self._access, self._deployment)
        client = clients.client("cloudformation")
        name = f"{PREFIX}{uuid4().hex[:12]}"
        with self._change_set(clients, name), refusals_told():
            stack_id, change_set = self._make(client, name)
            self._executed = True
            client.execute_change_set(StackName=stack_id, ChangeSetName=change_set)
            self._wait(client, stack_id)
            client.update_termination_protection(StackName=stack_id, EnableTerminationProtection=True)
        ensure_stack_policy(self._access.clients_for(self._deployment), self.stack)

    @contextmanager
    def _change_set(self, clients: Clients, name: str) -> Iterator[None]:
        """Leave no change set and no empty stack behind."""
        try:
            yield
        finally:
            with interrupts_deferred():
                if not self._executed:
                    target = Target(stack=self.stack, status=None, protected=False, clients=clients)
                    clear_away(target, name, with_stack=True, tell=self._tell)

    def _make(self, client: Any, name: str) -> tuple[str, str]:
        """Return the IDs of the new stack and of its change set, once it can be executed."""
        body = json.dumps(self.template, separators=(",", ":"))
        if len(body.encode()) > BODY_BYTES_MAX:
            raise PinekeepError(f"{self.name}: the template takes more than {BODY_BYTES_MAX:,} bytes")
        key_id = self.found.key_arn.rpartition("/")[2] if self.found.key_arn else None
        made = client.create_change_set(
            StackName=self.stack,
            ChangeSetName=name,
            ChangeSetType="IMPORT",
            TemplateBody=body,
            ResourcesToImport=resources_to_import(self.template, key_id=key_id),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            RoleARN=bootstrap_of(self._deployment).role_arn(EXECUTION),
        )
        deadline = time.monotonic() + _SECONDS_TO_REVIEW
        while True:
            found = client.describe_change_set(StackName=made["StackId"], ChangeSetName=made["Id"])
            if found["Status"] == "CREATE_COMPLETE" and found["ExecutionStatus"] == "AVAILABLE":
                return str(made["StackId"]), str(made["Id"])
            if not found["Status"].endswith(("_PENDING", "_IN_PROGRESS")) or time.monotonic() > deadline:
                raise AwsRefusedError(
                    f"CloudFormation does not take it back in: {found.get('StatusReason') or found['Status']}"
                )
            time.sleep(_PAUSE)

    def _wait(self, client: Any, stack_id: str) -> None:
        looks = Looks(f"CloudFormation to take stack {self.stack} back in", seconds=_SECONDS_TO_IMPORT)
        while True:
            found = client.describe_stacks(StackName=stack_id)["Stacks"][0]
            status = str(found["StackStatus"])
            if status == _DONE:
                self._tell(f"{self.stack}: {status}")
                return
            if not status.endswith("_IN_PROGRESS"):
                raise AwsRefusedError(
                    f"stack {self.stack} ended in state {status}: {found.get('StackStatusReason') or 'see its events'}",
                    hint="what was to be taken back in is as it was; delete the stack, then try again",
                )
            try:
                looks.pause(_PAUSE)
            except TimeoutError:
                raise AwsRefusedError(
                    f"stack {self.stack} is still in state {status} after {_SECONDS_TO_IMPORT / 60:.0f} minutes",
                    hint="the stack's events in CloudFormation's console tell more; it goes on by itself",
                ) from None
