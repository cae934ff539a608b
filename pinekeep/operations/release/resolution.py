"""What CloudFormation makes of a released template with parameters: the template without any.

Only the functions that released templates use are resolved; references to resources stay. Source: the CloudFormation
template reference, docs.aws.amazon.com (checked 2026-11-30).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]+)\}")
_NOTHING: Final = object()
_LISTS: Final = ("CommaDelimitedList", "List<")


class Resolution:
    """One template, one account and Region, and the values of the parameters.

    Raises KeyError if a parameter has neither a value nor a default, or is not one of the template's.
    """

    def __init__(self, template: Mapping[str, Any], values: Mapping[str, str], *, account: str, region: str) -> None:
        declared = template.get("Parameters", {})
        if unknown := set(values) - set(declared):
            raise KeyError(sorted(unknown)[0])
        self._template = template
        self._values: dict[str, Any] = {
            "AWS::AccountId": account,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::NoValue": _NOTHING,
        }
        for name, parameter in declared.items():
            given = values[name] if name in values else parameter["Default"]
            self._values[name] = _typed(given, str(parameter["Type"]))

    def template(self) -> dict[str, Any]:
        """Return the resources and outputs, without those whose condition does not hold."""
        found: dict[str, Any] = {}
        for section in ("Resources", "Outputs"):
            found[section] = {}
            for name, item in self._template.get(section, {}).items():
                if "Condition" in item and not self._holds(item["Condition"]):
                    continue
                found[section][name] = self._node({key: each for key, each in item.items() if key != "Condition"})
        return found

    def failed_rules(self) -> list[str]:
        """Return the descriptions of the rules that do not hold."""
        assertions = [each for rule in self._template.get("Rules", {}).values() for each in rule["Assertions"]]
        return [each["AssertDescription"] for each in assertions if not self._truth(each["Assert"])]

    def _node(self, node: Any) -> Any:
        match node:
            case {"Ref": str(name)} if len(node) == 1:
                return self._values.get(name, node)
            case {"Fn::If": [str(condition), yes, no]}:
                return self._node(yes if self._holds(condition) else no)
            case {"Fn::Sub": given}:
                return self._substituted(given)
            case {"Fn::FindInMap": [name, key, attribute]}:
                return self._template["Mappings"][name][self._node(key)][attribute]
            case {"Fn::Join": [str(delimiter), items]}:
                parts = self._node(items)
                return delimiter.join(parts) if _is_text(parts) else {"Fn::Join": [delimiter, parts]}
            case {"Fn::Split": [str(delimiter), text]}:
                parts = self._node(text)
                return parts.split(delimiter) if isinstance(parts, str) else {"Fn::Split": [delimiter, parts]}
            case {"Fn::Select": [index, items]}:
                parts = self._node(items)
                return parts[int(index)] if isinstance(parts, list) else {"Fn::Select": [index, parts]}
            case dict():
                found = {name: self._node(each) for name, each in node.items()}
                return {name: each for name, each in found.items() if each is not _NOTHING}
            case list():
                return [each for each in map(self._node, node) if each is not _NOTHING]
            case _:
                return node

    def _substituted(self, given: Any) -> Any:
        text, variables = (given, dict[str, Any]()) if isinstance(given, str) else given
        known = {**self._values, **self._node(variables)}
        left = {name: value for name, value in known.items() if not isinstance(value, str)}
        used = [name for escaped, name in _VARIABLE.findall(text) if not escaped]
        if any(name in left or name not in known for name in used):
            return {"Fn::Sub": [text, self._node(variables)]}
        return _VARIABLE.sub(lambda found: f"${{{found[2]}}}" if found[1] else known[found[2]], text)

    def _holds(self, name: str) -> bool:
        return self._truth(self._template["Conditions"][name])

    def _truth(self, node: Any) -> bool:
        match node:
            case {"Fn::Equals": [one, other]}:
                return bool(self._node(one) == self._node(other))
            case {"Fn::Not": [one]}:
                return not self._truth(one)
            case {"Fn::Or": list(several)}:
                return any(map(self._truth, several))
            case {"Condition": str(name)}:
                return self._holds(name)
            case {"Fn::Contains": [several, one]}:
                return self._node(one) in self._node(several)
            case _:
                raise ValueError(f"{node} is not a condition of a released template")


def _typed(value: str, kind: str) -> Any:
    if kind.startswith(_LISTS):
        return value.split(",") if value else []
    return value


def _is_text(parts: Any) -> bool:
    return isinstance(parts, list) and all(isinstance(each, str) for each in parts)
