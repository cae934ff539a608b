"""Helpers with which extensions patch the emulator."""

import json
import random
import string
from collections.abc import Callable, Coroutine, Mapping
from types import ModuleType
from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import changesets, handlers, provisioners, stacks

Document = dict[str, Any]
Properties = Mapping[str, Any]
Attributes = dict[str, Any]
# From a physical ID, the attributes so far and the template's properties to the attributes.
Completion = Callable[[str, Attributes, Properties], Attributes]
Create = Callable[..., tuple[str, Attributes]]
Deploy = Callable[..., Coroutine[Any, Any, None]]

HANDLERS: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS
HEX = string.hexdigits[:16]


def new_id(prefix: str) -> str:
    """Return a resource ID in EC2's form: the prefix, a dash and 17 hexadecimal digits."""
    return f"{prefix}-" + "".join(random.choices(HEX, k=17))  # noqa: S311 - a name, not a secret


def after_provisioning(resource_type: str, complete: Completion) -> None:
    """Call `complete` after each creation and update of a resource type."""

    def finished(operation: Callable[..., tuple[str, Attributes]], position: int) -> Callable[..., Any]:
        def provision(*arguments: Any) -> tuple[str, Attributes]:
            physical_id, attributes = operation(*arguments)
            return physical_id, complete(physical_id, dict(attributes or {}), arguments[position])

        return provision

    handler = HANDLERS[resource_type]
    handler["create"] = finished(handler["create"], 1)
    if "update" in handler:
        handler["update"] = finished(handler["update"], 2)


def before_deletion(resource_type: str, prepare: Callable[[str], None]) -> None:
    """Call `prepare` with the physical ID before each deletion of a resource type."""
    delete = HANDLERS[resource_type]["delete"]

    def prepared(physical_id: str, *arguments: Any) -> None:
        prepare(physical_id)
        delete(physical_id, *arguments)

    HANDLERS[resource_type]["delete"] = prepared


def before_provisioning(
    resource_type: str, check: Callable[[Properties], None], *, operations: tuple[str, ...] = ("create", "update")
) -> None:
    """Call `check` with the template's properties before each creation and update of a resource type."""

    def checked(operation: Create, position: int) -> Create:
        def provision(*arguments: Any) -> tuple[str, Attributes]:
            check(arguments[position])
            return operation(*arguments)

        return provision

    handler = HANDLERS[resource_type]
    for name in operations:
        handler[name] = checked(handler[name], 2 if name == "update" else 1)


def replacement(create: Create, delete: Callable[..., None]) -> Create:
    """Return the update of a resource type whose changes all replace the resource."""

    def update(physical_id: str, old: Properties, new: Properties, *_: Any) -> tuple[str, Attributes]:
        created = create(physical_id, new)
        provisioners._delete_predecessor(delete, physical_id, old)
        return created

    return update


def around_deployments(deploy: Deploy) -> None:
    """Call `deploy` in place of each deployment of a stack, with the emulator's own as its first argument."""
    run: Deploy = stacks._deploy_stack_async

    async def wrapped(*arguments: Any, **options: Any) -> None:
        await deploy(run, *arguments, **options)

    for module in (stacks, changesets, handlers):
        module._deploy_stack_async = wrapped


def replace_call(module: ModuleType, name: str, by: Callable[..., Any]) -> None:
    """Replace a function of a service's module, in the module's tables of actions too."""
    call = getattr(module, name)
    setattr(module, name, by)
    for table in list(vars(module).values()):
        if isinstance(table, dict):
            for action, each in list(table.items()):
                if each is call:
                    table[action] = by


def filter_by_id(
    action: str, name: str, parameter: str, matching: Callable[[list[str]], list[str]], *, empty: str
) -> None:
    """Let an EC2 action support a filter whose values ``matching`` turns into IDs; ``empty``: XML of no result."""
    describe = ec2._ACTION_MAP[action]

    def described(parameters: dict[str, Any]) -> Any:
        asked = ec2._parse_filters(parameters).get(name)
        # Called without the filter, too: it may prepare what is described.
        known = matching(asked or [])
        if asked is None:
            return describe(parameters)
        if not known:
            return ec2._xml(200, f"{action}Response", f"<{empty}/>")
        return describe({**parameters, **{f"{parameter}.{n}": [each] for n, each in enumerate(known, start=1)}})

    ec2._ACTION_MAP[action] = described


def carry_stack_tags(resource_type: str, *, tag_property: str = "Tags") -> None:
    """Add the stack's tags to the tags of a resource type."""
    provisioners._STACK_TAG_PROPERTY[resource_type] = (tag_property, "list")


def items(elements: list[str]) -> str:
    """Return a list in EC2's XML."""
    return "".join(f"<item>{element}</item>" for element in elements)


def parsed(document: Any) -> Document:
    """Return a policy as a dictionary, from itself or from its JSON; empty where it is none."""
    if isinstance(document, dict):
        return document
    try:
        found = json.loads(document or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def listed(value: Any) -> list[Any]:
    """Return a policy's element as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
