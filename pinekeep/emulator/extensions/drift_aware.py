"""Drift-aware change sets of CloudFormation."""

import copy
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any, Final

from ministack.core.responses import now_iso
from ministack.services import ec2, iam, kms
from ministack.services.cloudformation import _change_sets, _stacks, changesets, engine, handlers, provisioners, stacks

from pinekeep.emulator.extensions import live_state
from pinekeep.emulator.extensions.patching import HANDLERS, Deploy, Document, Properties, around_deployments
from pinekeep.emulator.extensions.three_way import Compared, changed, compare, follows

MODE: Final = "REVERT_DRIFT"
_LIVE: Final = "_live"
"""Marks the properties of a resource that were read from the account: its tags are all there are."""
_DONE: Final = ("UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")


def drift_aware_change_sets() -> None:
    """Gap: `DeploymentMode` is ignored, so drift is neither reported nor reverted.

    AWS compares the live state, the last deployed state and the new template, reports each difference, and creates
    deleted resources again. A failed update is rolled back to the live state. Tag keys that no template has
    and drift of properties that cannot be updated are left alone.
    """
    create, describe, execute = (
        handlers._ACTION_HANDLERS[name] for name in ("CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet")
    )

    def create_aware(parameters: Document) -> Any:
        answer = create(parameters)
        if changesets._p(parameters, "DeploymentMode") == MODE and answer[0] == _OK:
            _look(_created(answer[2]))
        return answer

    def describe_aware(parameters: Document) -> Any:
        identifier, found = _named(parameters)
        status, headers, body = describe(_by_id(parameters, identifier))
        if status == _OK and found and found.get("DeploymentMode"):
            body = _described(body, found)
        return status, headers, body

    def execute_aware(parameters: Document) -> Any:
        identifier, found = _named(parameters)
        if found and found.get("DeploymentMode") and found["ExecutionStatus"] == "AVAILABLE":
            _start_from_live(found)
        return execute(_by_id(parameters, identifier))

    handlers._ACTION_HANDLERS.update(
        CreateChangeSet=create_aware, DescribeChangeSet=describe_aware, ExecuteChangeSet=execute_aware
    )
    _after_deployments()
    _tags_of_live_properties()
    _rules_of_live_groups()


_OK: Final = 200


def _named(parameters: Document) -> tuple[str | None, Document | None]:
    name, stack = changesets._p(parameters, "ChangeSetName"), changesets._p(parameters, "StackName")
    known = handlers._resolve_stack(stack) if stack else None
    found: tuple[str | None, Document | None] = changesets._find_change_set(name, known["StackName"] if known else "")
    return found


def _by_id(parameters: Document, identifier: str | None) -> Document:
    """Return a request with the ID of a change set: with a stack's ARN, ministack does not find one by its name."""
    return {**parameters, "ChangeSetName": [identifier]} if identifier else parameters


def _created(body: bytes) -> Document:
    found: Document = _change_sets[body.split(b"<Id>")[1].split(b"</Id>")[0].decode()]
    return found


# --- Making one ---


def _look(change_set: Document) -> None:
    """Add the three-way comparison to a change set that was created without it."""
    change_set["DeploymentMode"] = MODE
    stack = _stacks[change_set["StackName"]]
    if change_set["ChangeSetType"] != "UPDATE":
        change_set["StackDriftStatus"] = "IN_SYNC"
        return
    at = now_iso()
    planned = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in change_set["Changes"]}
    found: dict[str, Compared] = {}
    made: dict[str, Document] = dict(planned)
    records = stack["_resources"]
    with stacks._stack_region_context(stack, stack["StackId"]):
        for logical_id, properties in _desired(change_set, stack):
            record = records[logical_id]
            found[logical_id] = compare(stack, record, properties, at=at)
            change = changed(found[logical_id], record, logical_id, planned.get(logical_id))
            made.pop(logical_id, None)
            if change is not None:
                made[logical_id] = change
    again = {name for name, each in found.items() if each.status == "DELETED"}
    for logical_id, causes in _referring(change_set["_template"], again):
        if logical_id in records and logical_id not in made:
            made[logical_id] = follows(logical_id, records[logical_id], causes)
    change_set["_compared"] = found
    change_set["Changes"] = [{"ResourceChange": each} for _, each in sorted(made.items())]
    drifted = any(each.status in ("MODIFIED", "DELETED") for each in found.values())
    change_set["StackDriftStatus"] = "DRIFTED" if drifted else "IN_SYNC"
    if made and change_set["ExecutionStatus"] != "AVAILABLE":
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")


def _desired(change_set: Document, stack: Document) -> Iterator[tuple[str, Document]]:
    """Yield the resolved properties of each resource that is in the stack and in the new template."""
    template, parameters = change_set["_template"], change_set["_resolved_params"]
    conditions = engine._evaluate_conditions(template, parameters)
    for logical_id, resource in template.get("Resources", {}).items():
        if logical_id not in stack["_resources"]:
            continue
        resolved = engine._resolve_refs(
            copy.deepcopy(resource.get("Properties", {})),
            stack["_resources"],
            parameters,
            conditions,
            template.get("Mappings", {}),
            stack["StackName"],
            stack["StackId"],
        )
        yield logical_id, {name: value for name, value in resolved.items() if value is not engine._NO_VALUE}


def _referring(template: Document, again: set[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for logical_id, resource in template.get("Resources", {}).items():
        causes = {
            name: f"{target}.{attribute}" if attribute else target
            for name, value in (resource.get("Properties") or {}).items()
            for target, attribute in engine._intrinsic_references(value)
            if target in again
        }
        if causes and logical_id not in again:
            yield logical_id, causes


# --- Telling it ---


def _described(body: bytes, change_set: Document) -> bytes:
    head, _, rest = body.decode().partition("<Changes>")
    tail = rest.rpartition("</Changes>")[2]
    changes = "".join(
        f"<member><Type>Resource</Type>{_xml('ResourceChange', each['ResourceChange'])}</member>"
        for each in change_set["Changes"]
    )
    mode = _xml("DeploymentMode", MODE) + _xml("StackDriftStatus", change_set["StackDriftStatus"])
    return f"{head}{mode}<Changes>{changes}</Changes>{tail}".encode()


def _xml(name: str, value: Any) -> str:
    """Return a value in the query protocol's XML; None is omitted."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        inner = "".join(_xml(each, one) for each, one in value.items())
    elif isinstance(value, (list, tuple)):
        inner = "".join(_xml("member", each) for each in value)
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


# --- Executing it ---


def _start_from_live(change_set: Document) -> None:
    """Let the update start from the live state, to which the emulator also rolls back."""
    stack = _stacks[change_set["StackName"]]
    stack["_before_drift"] = copy.deepcopy(stack["_resources"])
    for logical_id, each in change_set.get("_compared", {}).items():
        if each.status == "DELETED":
            stack["_resources"].pop(logical_id)
        elif each.actual:
            record = stack["_resources"][logical_id]
            live = {**record["Properties"], **copy.deepcopy(dict(each.actual)), _LIVE: True}
            stack["_resources"][logical_id] = {**record, "Properties": live}


def _after_deployments() -> None:
    """Restore the deployed properties in a stack's records after a rollback."""

    async def deploy(run: Deploy, name: str, *arguments: Any, **options: Any) -> None:
        await run(name, *arguments, **options)
        stack = _stacks.get(name, {})
        before = stack.pop("_before_drift", None)
        if before is not None and stack["StackStatus"] not in _DONE:
            stack["_resources"] = before

    around_deployments(deploy)


def _tags_of_live_properties() -> None:
    """Keep the stack's tags out of live properties, from which they may have been removed."""
    add = stacks._with_stack_tags

    def with_tags(kind: str, properties: Document, *arguments: Any) -> Document:
        if _LIVE in properties:
            return properties
        found: Document = add(kind, properties, *arguments)
        return found

    stacks._with_stack_tags = with_tags


def _rules_of_live_groups() -> None:
    """Set a security group's rules to exactly those of the template, where the update starts from the live ones."""
    handler = HANDLERS["AWS::EC2::SecurityGroup"]
    update = handler["update"]
    sides = {"IpPermissions": "SecurityGroupIngress", "IpPermissionsEgress": "SecurityGroupEgress"}

    def update_all(physical_id: str, old: Properties, new: Properties, *others: Any) -> Any:
        group = ec2._security_groups.get(physical_id)
        if group is not None and _LIVE in old:
            for direction, name in sides.items():
                separate = live_state.rule_resources_of(group, direction)
                group[direction] = [*separate, *provisioners._ec2_sg_permissions(old.get(name))]
        return update(physical_id, old, new, *others)

    handler["update"] = update_all


def kept_tags() -> None:
    """Gap: an update of a role or key removes foreign tags. AWS adds, changes and removes the template's keys alone."""

    def keep(kind: str, tags_of: Callable[[str], Document | None], key: str) -> None:
        update = HANDLERS[kind]["update"]

        def update_own(physical_id: str, old: Properties, new: Properties, *others: Any) -> Any:
            own = {each["Key"] for properties in (old, new) for each in properties.get("Tags") or []}
            before = tags_of(physical_id) or {}
            foreign = [each for each in before.get("Tags") or [] if each[key] not in own]
            answer = update(physical_id, old, new, *others)
            if foreign and (after := tags_of(answer[0])) is not None:
                after["Tags"] = [*after["Tags"], *foreign]
            return answer

        HANDLERS[kind]["update"] = update_own

    keep("AWS::IAM::Role", iam._roles.get, "Key")
    for kind in ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"):
        keep(kind, kms._keys.get, "TagKey")
