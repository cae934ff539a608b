"""Conditions of CloudFormation templates."""

from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers, stacks


def joined_lists() -> None:
    """Gap: a condition does not know `Fn::Join`, so every list counts as filled.

    AWS joins a parameter's list. `cdk bootstrap` asks so whether it was given policies for CloudFormation's role;
    taken for filled, an empty list left that role without its AdministratorAccess.
    """
    evaluate = engine._evaluate_conditions

    def evaluate_joined(template: dict[str, Any], parameters: dict[str, Any]) -> dict[str, bool]:
        conditions = _joined(template.get("Conditions", {}), parameters)
        return dict(evaluate({**template, "Conditions": conditions}, parameters))

    for module in (changesets, engine, handlers, stacks):
        module._evaluate_conditions = evaluate_joined


def _joined(value: Any, parameters: dict[str, Any]) -> Any:
    """The same with every `Fn::Join` of a parameter's list as text; the emulator keeps such a list as one text."""
    if isinstance(value, list):
        return [_joined(each, parameters) for each in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["Fn::Join"]:
        delimiter, items = value["Fn::Join"]
        if isinstance(items, dict) and items.get("Ref") in parameters:
            return delimiter.join(str(parameters[items["Ref"]]["Value"]).split(","))
    return {key: _joined(each, parameters) for key, each in value.items()}
