"""The template of an import: what is taken back in, and nothing else. Pure.

Source: "Resource import", docs.aws.amazon.com/AWSCloudFormation (checked 2026-11-25): an import names every resource of
the template that is not in the stack yet, each with a deletion policy, and changes neither outputs nor tags.
"""

from collections.abc import Mapping
from typing import Any, Final

from pinekeep.errors import PinekeepError
from pinekeep.operations.plan.state import ALIAS_TYPE, KEY_TYPE, ROLE_TYPE

IDENTIFIERS: Final[Mapping[str, str]] = {ROLE_TYPE: "RoleName", KEY_TYPE: "KeyId", ALIAS_TYPE: "AliasName"}
"""By which property CloudFormation finds a resource to import, by its type."""


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
    """Return which live resource each of the template's is.

    Raises:
        PinekeepError: the template has a key, and there is none.
    """
    made = []
    for logical_id, resource in template["Resources"].items():
        identifier = IDENTIFIERS[resource["Type"]]
        value = key_id if resource["Type"] == KEY_TYPE else resource["Properties"].get(identifier)
        if value is None:
            raise PinekeepError(f"there is no {resource['Type']} to take back in as {logical_id}")
        made.append(
            {
                "ResourceType": resource["Type"],
                "LogicalResourceId": logical_id,
                "ResourceIdentifier": {identifier: str(value)},
            }
        )
    return made
