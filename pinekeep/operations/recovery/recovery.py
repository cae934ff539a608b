"""Importing a retained key and role into a new stack. The import does not change them.

Source: "Resource import", docs.aws.amazon.com/AWSCloudFormation (checked 2026-11-25): an import names every resource of
the template that is not in the stack yet, each with a deletion policy, and changes neither outputs nor tags.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.deploy_role import as_deploy_role
from pinekeep.account.process import Looks, interrupts_deferred, scratch_folder
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.bootstrap import bootstrap_of
from pinekeep.model.config.derived import PARTS, has_part, only_part
from pinekeep.model.facts import stack_status
from pinekeep.model.facts.bootstrap import EXECUTION
from pinekeep.operations.deployment.execution import ensure_stack_policy
from pinekeep.operations.plan.change_sets import new_name
from pinekeep.operations.plan.clearance import clear_away
from pinekeep.operations.plan.cloudformation import Target, describe_stack, wait_for
from pinekeep.operations.plan.creation import BODY_BYTES_MAX
from pinekeep.operations.plan.state import ALIAS_TYPE, KEY_TYPE, ROLE_TYPE, resources
from pinekeep.operations.recovery.discovery import Retained, find_retained
from pinekeep.operations.recovery.storage import find_storage
from pinekeep.operations.synthesis.assembly import synthesize

_SECONDS_TO_REVIEW: Final = 120.0
_SECONDS_TO_IMPORT: Final = 3600.0
_DONE: Final = "IMPORT_COMPLETE"
IDENTIFIERS: Final[Mapping[str, str]] = {ROLE_TYPE: "RoleName", KEY_TYPE: "KeyId", ALIAS_TYPE: "AliasName"}
"""The property by which CloudFormation identifies a resource to import, by type."""


class Recovery:
    """The recovery of one stack of a deployment that was deleted, with ``access`` to the right account.

    ``part``: ``cmek`` (role and key) or ``storage`` (the audit bucket, its key, and the roles of Pinecone's S3
    account). Raises PinekeepError if there is nothing to import, or something does not match.
    """

    def __init__(
        self,
        configuration: Configuration,
        name: str,
        deployment: Deployment,
        *,
        part: str = "cmek",
        access: Access,
        tell: Callable[[str], None],
    ) -> None:
        self._deployment = deployment
        self._access = access
        self._tell = tell
        self._part = part
        self.name = name
        self.stack = naming.cmek_stack(name) if part == "cmek" else naming.storage_stack(name)
        if not has_part(deployment, part):
            what = "role and no key" if part == "cmek" else "audit bucket and no role for S3"
            other = "storage" if part == "cmek" else "cmek"
            raise PinekeepError(
                f"{name} has no {' and no '.join(PARTS[part])}, so there is no {what} to recover",
                hint=f"pinekeep recover --only {other} --deployment {name}" if has_part(deployment, other) else None,
            )
        own = access.clients_for(deployment)
        with refusals_told():
            stack = describe_stack(own.client("cloudformation"), self.stack)
        if stack is not None:
            status = stack["StackStatus"]
            again = f"if a resource of it was deleted, recreate it: pinekeep deploy --revert-drift --deployment {name}"
            raise PinekeepError(
                f"{name}: stack {self.stack} exists (in state {status}), so there is nothing to recover",
                hint=stack_status.remedy(status, name=self.stack) or again,
            )
        with scratch_folder() as folder:
            synthesize(configuration, only_part({name: deployment}, part), folder=folder)
            planned = json.loads((folder / f"{self.stack}.template.json").read_text())
        self.found = Retained(roles=())
        if part == "storage":
            storage = find_storage(name, deployment, template=planned, clients=own)
            self.template, self._resources, self.things = storage.template, storage.resources, list(storage.things)
            return
        self.template = import_template(planned)
        names = [str(each["RoleName"]) for each in resources(self.template, ROLE_TYPE).values()]
        self.found = find_retained(name, deployment, role_names=names, clients=own)
        key_id = self.found.key_arn.rpartition("/")[2] if self.found.key_arn else None
        self._resources = tuple(resources_to_import(self.template, key_id=key_id))
        self.things = self.found.things

    def run(self) -> None:
        """Import what was found into a new stack, and protect the stack. Does not ask.

        Raises AwsRefusedError if AWS refuses (nothing changes then); PinekeepError if the template is too large.
        """
        clients = as_deploy_role(self._access, self._deployment)
        client = clients.client("cloudformation")
        name = new_name()
        executed = False
        try:
            with refusals_told():
                stack_id, change_set = self._make(client, name)
                executed = True
                client.execute_change_set(StackName=stack_id, ChangeSetName=change_set)
                self._wait(client, stack_id)
                client.update_termination_protection(StackName=stack_id, EnableTerminationProtection=True)
        finally:
            # Leave no change set and no empty stack behind.
            with interrupts_deferred():
                if not executed:
                    clear_away(Target(name=self.stack, clients=clients), name, with_stack=True, tell=self._tell)
        if self._part == "cmek":
            ensure_stack_policy(self._access.clients_for(self._deployment), self.stack)

    def _make(self, client: Any, name: str) -> tuple[str, str]:
        """Return the IDs of the new stack and of its change set, once it can be executed."""
        body = json.dumps(self.template, separators=(",", ":"))
        if len(body.encode()) > BODY_BYTES_MAX:
            raise PinekeepError(f"{self.name}: the template takes more than {BODY_BYTES_MAX:,} bytes")
        made = client.create_change_set(
            StackName=self.stack,
            ChangeSetName=name,
            ChangeSetType="IMPORT",
            TemplateBody=body,
            ResourcesToImport=list(self._resources),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            RoleARN=bootstrap_of(self._deployment).role_arn(EXECUTION),
        )
        stack_id, change_set = str(made["StackId"]), str(made["Id"])

        def computed() -> dict[str, Any] | None:
            found: dict[str, Any] = client.describe_change_set(StackName=stack_id, ChangeSetName=change_set)
            return None if found["Status"].endswith(("_PENDING", "_IN_PROGRESS")) else found

        try:
            found = wait_for(Looks(f"the import into stack {self.stack}", seconds=_SECONDS_TO_REVIEW), computed)
        except TimeoutError:
            found = {"Status": f"not computed in {_SECONDS_TO_REVIEW / 60:.0f} minutes"}
        if found["Status"] != "CREATE_COMPLETE" or found["ExecutionStatus"] != "AVAILABLE":
            raise AwsRefusedError(f"CloudFormation refuses the import: {found.get('StatusReason') or found['Status']}")
        return stack_id, change_set

    def _wait(self, client: Any, stack_id: str) -> None:
        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = client.describe_stacks(StackName=stack_id)["Stacks"][0]
            return None if found["StackStatus"].endswith("_IN_PROGRESS") else found

        try:
            found = wait_for(Looks(f"the import into stack {self.stack}", seconds=_SECONDS_TO_IMPORT), ended)
        except TimeoutError:
            raise AwsRefusedError(
                f"the import into stack {self.stack} has not ended in {_SECONDS_TO_IMPORT / 60:.0f} minutes",
                hint="see the stack's events in CloudFormation's console; it continues by itself",
            ) from None
        status = found["StackStatus"]
        if status != _DONE:
            raise AwsRefusedError(
                f"stack {self.stack} ended in state {status}: {found.get('StackStatusReason') or 'see its events'}",
                hint="the retained resources are unchanged; delete the stack, then try again",
            )
        self._tell(f"{self.stack}: {status}")


def import_template(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a template that is imported: roles, key and alias, each retained."""
    return {
        **({"Description": template["Description"]} if "Description" in template else {}),
        "Resources": {
            logical_id: {**resource, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
            for logical_id, resource in template["Resources"].items()
            if resource["Type"] in IDENTIFIERS
        },
    }


def resources_to_import(template: Mapping[str, Any], *, key_id: str | None) -> list[dict[str, Any]]:
    """Return the live resource for each of :func:`import_template`. Raises PinekeepError if its key is missing."""
    made = []
    for logical_id, resource in template["Resources"].items():
        identifier = IDENTIFIERS[resource["Type"]]
        value = key_id if resource["Type"] == KEY_TYPE else resource["Properties"].get(identifier)
        if value is None:
            raise PinekeepError(f"there is no {resource['Type']} to import as {logical_id}")
        identifiers = {identifier: str(value)}
        kind = resource["Type"]
        made.append({"ResourceType": kind, "LogicalResourceId": logical_id, "ResourceIdentifier": identifiers})
    return made
