"""The template of a set, and the values of its parameters."""

from collections.abc import Mapping
from typing import Any, Final

from ministack.services.cloudformation import engine, handlers, helpers

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets.protocol import Document, Form

_CODE: Final = "<Code>", "</Code>"
_MESSAGE: Final = "<Message>", "</Message>"


def read_template(form: Form, asked: Document) -> tuple[str, Document] | None:
    """Return the body and the document of a request's template; None where it has none.

    Raises RefusedError: no template could be read, or it needs capabilities that the request does not name.
    """
    if "TemplateBody" in asked and "TemplateURL" in asked:
        raise RefusedError("ValidationError", "Specify only one of TemplateBody and TemplateURL")
    if "TemplateBody" not in asked and "TemplateURL" not in asked:
        return None
    body, error = helpers._resolve_template(form)
    if error:
        raise refused(error)
    return str(body), checked(str(body), form)


def checked(body: str, form: Form) -> Document:
    """Return a template's document. Raises RefusedError: it is none, or the request lacks a capability."""
    try:
        template: Document = engine._parse_template(body)
    except ValueError as error:
        raise RefusedError("ValidationError", f"Template format error: {error}") from error
    if not template.get("Resources"):
        raise RefusedError("ValidationError", "Template format error: At least one Resources member must be defined.")
    if missing := handlers._check_capabilities(template, template, form):
        raise refused(missing)
    return template


def refused(answer: Any) -> RefusedError:
    """Return an answer of the emulator as an error."""
    text = answer[2].decode()
    code, message = (text.split(start)[1].split(end)[0] for start, end in (_CODE, _MESSAGE))
    return RefusedError(code, message.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&"))


def set_values(template: Document, given: list[Document], previous: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a set's parameters: as given, as before, or by default.

    Raises RefusedError: unknown parameters, or parameters without a value.
    """
    declared: Document = template.get("Parameters") or {}
    _check_known([each["ParameterKey"] for each in given], declared)
    values = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each}
    for each in given:
        name = each["ParameterKey"]
        if not each.get("UsePreviousValue"):
            values[name] = each.get("ParameterValue", "")
        elif name in previous:
            values[name] = previous[name]
    missing = [name for name in declared if name not in values]
    if missing:
        raise RefusedError("ValidationError", f"Parameters: [{', '.join(missing)}] must have values")
    return {name: values[name] for name in declared}


def check_overrides(template: Document, given: list[Document]) -> None:
    """Raise RefusedError for overrides of parameters that the set does not have, and of both kinds."""
    _check_known([each.get("ParameterKey", "") for each in given], template.get("Parameters") or {})
    for each in given:
        if each.get("UsePreviousValue") and "ParameterValue" in each:
            raise RefusedError(
                "ValidationError",
                f"Invalid input for parameter key {each['ParameterKey']}. Cannot specify usePreviousValue as true "
                "and non empty value for a parameter",
            )


def overridden(previous: Mapping[str, str], given: list[Document] | None) -> dict[str, str]:
    """Return the overrides of an instance after an operation; those that the list does not name are gone."""
    if given is None:
        return dict(previous)
    found: dict[str, str] = {}
    for each in given:
        name = each["ParameterKey"]
        if not each.get("UsePreviousValue"):
            found[name] = each.get("ParameterValue", "")
        elif name in previous:
            found[name] = previous[name]
    return found


def as_list(values: Mapping[str, str], template: Document) -> list[Document]:
    """Return parameters in the form of an answer; the values of NoEcho parameters are hidden."""
    declared: Document = template.get("Parameters") or {}

    def shown(name: str, value: str) -> str:
        return "****" if str(declared.get(name, {}).get("NoEcho", False)).lower() == "true" else value

    return [{"ParameterKey": name, "ParameterValue": shown(name, value)} for name, value in values.items()]


def _check_known(names: list[str], declared: Document) -> None:
    unknown = sorted(set(names) - set(declared))
    if unknown:
        raise RefusedError("ValidationError", f"Parameters: [{', '.join(unknown)}] do not exist in the template")
