"""Stack policies of CloudFormation."""

import json
from collections.abc import Callable, Coroutine, Iterator
from fnmatch import fnmatchcase
from typing import Any

from ministack.services.cloudformation import _stacks, changesets, handlers, stacks

Document = dict[str, Any]
Deploy = Callable[..., Coroutine[Any, Any, None]]


def stack_policies() -> None:
    """Gap: a stack policy is kept and shown, and holds nothing back.

    AWS fails an update at the first resource that the policy does not let it change, and rolls back. Here nothing of
    such an update is begun; it ends in the same state.
    """
    run: Deploy = stacks._deploy_stack_async

    async def deploy(
        name: str, stack_id: str, template: Document, values: Document, *rest: Any, **options: Any
    ) -> None:
        before = options.get("previous_stack")
        denied = _denied(name, stack_id, template, values, before) if options.get("is_update") and before else None
        if denied is None:
            await run(name, stack_id, template, values, *rest, **options)
            return
        stack = _stacks[name]
        logical_id, kind, action = denied
        reason = f"Action denied by stack policy: no statement allows [{action}] for [LogicalResourceId/{logical_id}]"
        stacks._add_event(stack_id, name, logical_id, kind, "UPDATE_FAILED", reason)
        stack.update(before)
        stack["StackStatus"] = "UPDATE_ROLLBACK_COMPLETE"
        stack["StackStatusReason"] = f"The following resource(s) failed to update: [{logical_id}]."
        stacks._add_event(stack_id, name, name, "AWS::CloudFormation::Stack", stack["StackStatus"], reason, stack_id)

    for module in (stacks, changesets, handlers):
        module._deploy_stack_async = deploy


def _denied(
    name: str, stack_id: str, template: Document, values: Document, before: Document
) -> tuple[str, str, str] | None:
    """Return the first resource, with its type and the action, that the stack's policy keeps from being changed."""
    policy = json.loads(_stacks[name].get("_stack_policy") or "{}")
    if not policy:
        return None
    old = changesets._resolve_props_for_diff(before["_template"], before["_resolved_params"], name, stack_id)
    new = changesets._resolve_props_for_diff(template, values, name, stack_id)
    for each in stacks._diff_resources(old, new, before["_resources"], template):
        change = each["ResourceChange"]
        logical_id, kind = change["LogicalResourceId"], change["ResourceType"]
        for action in _actions(change):
            if not _allows(policy, action, logical_id, kind):
                return logical_id, kind, action
    return None


def _actions(change: Document) -> Iterator[str]:
    match change["Action"]:
        case "Remove":
            yield "Update:Delete"
        case "Modify":
            yield "Update:Replace" if change.get("Replacement") == "True" else "Update:Modify"


def _allows(policy: Document, action: str, logical_id: str, kind: str) -> bool:
    found = [
        each["Effect"]
        for each in policy["Statement"]
        if _fits(each.get("Action"), action)
        and _fits(each.get("Resource"), f"LogicalResourceId/{logical_id}")
        and all(
            _fits(wanted, kind) if key == "ResourceType" else False
            for keys in each.get("Condition", {}).values()
            for key, wanted in keys.items()
        )
    ]
    return "Allow" in found and "Deny" not in found


def _fits(patterns: Any, value: str) -> bool:
    several = [patterns] if isinstance(patterns, str) else patterns or []
    return any(fnmatchcase(value, each) for each in several)
