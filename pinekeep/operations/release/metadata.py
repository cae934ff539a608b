"""The parts of a released template that are alike in all: description, version, and the form of the console."""

from collections.abc import Sequence
from typing import Any

from pinekeep import __version__
from pinekeep.operations.release.parameters import Parameter


def with_metadata(*, key: str, title: str, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return a template without resources. ``key``: its name in file names. ``title``: what it creates."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{title}. Pinekeep {__version__}",
        "Metadata": {
            "Pinekeep": {"Version": __version__, "Shape": key},
            "AWS::CloudFormation::Interface": _interface(parameters),
        },
        "Parameters": {each.name: each.as_json() for each in parameters},
    }


def _interface(parameters: Sequence[Parameter]) -> dict[str, Any]:
    groups: dict[str, list[str]] = {}
    for each in parameters:
        groups.setdefault(each.group, []).append(each.name)
    return {
        "ParameterGroups": [{"Label": {"default": label}, "Parameters": names} for label, names in groups.items()],
        "ParameterLabels": {each.name: {"default": each.label} for each in parameters},
    }
