"""The few ways in which extensions change the emulator."""

import random
import string
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

Properties = Mapping[str, Any]
Attributes = dict[str, Any]
# From a physical ID, its attributes so far and the template's properties, to the attributes.
Completion = Callable[[str, Attributes, Properties], Attributes]

HANDLERS: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS
HEX = string.hexdigits[:16]


def new_id(prefix: str) -> str:
    """A resource ID as EC2 makes them: the prefix, a dash and 17 hexadecimal digits."""
    return f"{prefix}-" + "".join(random.choices(HEX, k=17))  # noqa: S311 - a name, not a secret


def after_provisioning(resource_type: str, complete: Completion) -> None:
    """Let `complete` finish what the emulator did on creation and on update of a resource type."""

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
    """Run `prepare` with the physical ID before the emulator deletes a resource of this type."""
    delete = HANDLERS[resource_type]["delete"]

    def prepared(physical_id: str, *arguments: Any) -> None:
        prepare(physical_id)
        delete(physical_id, *arguments)

    HANDLERS[resource_type]["delete"] = prepared


def carry_stack_tags(resource_type: str, *, tag_property: str = "Tags") -> None:
    """Let the stack's tags reach a resource type through its own list of tags."""
    provisioners._STACK_TAG_PROPERTY[resource_type] = (tag_property, "list")


def items(elements: list[str]) -> str:
    """EC2's XML for a list."""
    return "".join(f"<item>{element}</item>" for element in elements)
