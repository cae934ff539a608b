"""From a template with placeholders to one with parameters.

A slot says what replaces a placeholder. One with a condition makes the list item, resource or output that holds it
conditional. Source for where functions are allowed: the CloudFormation template reference, docs.aws.amazon.com (checked
2026-11-30).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

NO_VALUE: Final[Mapping[str, str]] = {"Ref": "AWS::NoValue"}


def optional(condition: str, value: Any) -> Any:
    """Return a value that is left out unless a condition holds."""
    return {"Fn::If": [condition, value, dict(NO_VALUE)]}


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A placeholder in a template, and what replaces it.

    Attributes:
        placeholder: the text, alone in a string or a part of one; or a number.
        value: the expression; None if the text stays.
        variable: what stands for it in a text that Fn::Sub completes, such as ``AWS::Region``; without one the value is
            passed to Fn::Sub.
        condition: the condition under which whatever holds the placeholder exists.
        is_list: whether a list with this placeholder as its only item is replaced as a whole.
    """

    placeholder: str | int
    value: Any = None
    variable: str | None = None
    condition: str | None = None
    is_list: bool = False


@dataclass(frozen=True, kw_only=True)
class ConditionalResource:
    """A resource that only some stacks of the template create.

    Attributes:
        logical_id: its logical ID.
        condition: the condition under which a stack creates it.
        attributes: what the other stacks have in the place of its attributes, by attribute.
    """

    logical_id: str
    condition: str
    attributes: Mapping[str, Any]


@dataclass
class Parameterization:
    """Replaces placeholders.

    ``properties``: values by the name of the property that gets them, wherever it is; they may
    have placeholders, too. ``conditional``: resources that
    only some stacks create.
    """

    slots: Sequence[Slot]
    properties: Mapping[str, Any] = field(default_factory=dict)
    conditional: Sequence[ConditionalResource] = ()

    def __post_init__(self) -> None:
        texts = {each.placeholder: each for each in self.slots if isinstance(each.placeholder, str)}
        self._texts = texts
        self._numbers = {each.placeholder: each for each in self.slots if isinstance(each.placeholder, int)}
        self._conditional = {each.logical_id: each for each in self.conditional}
        self._pattern = re.compile("|".join(sorted(map(re.escape, texts), key=len, reverse=True)))

    def section(self, items: Mapping[str, Any]) -> dict[str, Any]:
        """Return the resources or outputs of a template with parameters."""
        found: dict[str, Any] = {}
        for name, item in items.items():
            made, conditions = self._node(item)
            if name in self._conditional:
                conditions |= {self._conditional[name].condition}
            if conditions:
                (made["Condition"],) = conditions
            found[name] = made
        return found

    def _node(self, node: Any) -> tuple[Any, frozenset[str]]:
        """Return the node with parameters, and the conditions of what holds it."""
        match node:
            case str():
                return self._text(node)
            case bool():
                return node, frozenset()
            case int() if node in self._numbers:
                return self._numbers[node].value, frozenset()
            case {"Fn::Sub": str() | list()}:
                return self._substitution(node["Fn::Sub"])
            case {"Fn::GetAtt": [str(target), str(attribute)]} if target in self._conditional:
                resource = self._conditional[target]
                return {"Fn::If": [resource.condition, node, resource.attributes[attribute]]}, frozenset()
            case dict():
                return self._mapping(node)
            case list():
                return self._list(node)
            case _:
                return node, frozenset()

    def _mapping(self, node: Mapping[str, Any]) -> tuple[Any, frozenset[str]]:
        found: dict[str, Any] = {}
        pending = frozenset[str]()
        for name, value in node.items():
            found[name], conditions = self._node(self.properties.get(name, value))
            pending |= conditions
        return found, pending

    def _list(self, node: Sequence[Any]) -> tuple[Any, frozenset[str]]:
        slots = [self._texts.get(each) if isinstance(each, str) else None for each in node]
        lists = [slot for slot in slots if slot is not None and slot.is_list]
        if lists and len(lists) == len(node):
            return lists[0].value, frozenset(filter(None, [lists[0].condition]))
        found: list[Any] = []
        for each in node:
            item, conditions = self._node(each)
            for condition in conditions:
                item = optional(condition, item)
            found.append(item)
        return found, frozenset()

    def _text(self, text: str) -> tuple[Any, frozenset[str]]:
        found = list(self._pattern.finditer(text))
        slots = [self._texts[each[0]] for each in found]
        conditions = frozenset(slot.condition for slot in slots if slot.condition)
        replaced = [slot for slot in slots if slot.value is not None]
        if not replaced:
            return text, conditions
        if found[0][0] == text:
            return slots[0].value, conditions
        return self._completed(text.replace("${", "${!"), {}), conditions

    def _substitution(self, given: Any) -> tuple[Any, frozenset[str]]:
        text, variables = (given, dict[str, Any]()) if isinstance(given, str) else given
        made, conditions = self._node(variables)
        return self._completed(text, made), conditions

    def _completed(self, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return Fn::Sub of a text in which placeholders may stand."""
        needed = dict(variables)

        def replace(found: re.Match[str]) -> str:
            slot = self._texts[found[0]]
            if slot.value is None:
                return found[0]
            if slot.variable:
                return f"${{{slot.variable}}}"
            name = f"Value{len(needed) + 1}"
            needed[name] = slot.value
            return f"${{{name}}}"

        made = self._pattern.sub(replace, text)
        return {"Fn::Sub": [made, needed] if needed else made}
