"""The JSON Schema of what ``--json`` writes."""

from typing import Any

from pydantic.json_schema import models_json_schema

from pinekeep.model.output.models import OUTPUTS


def output_schema() -> dict[str, Any]:
    """Return one schema for all verbs: ``$defs`` holds each verb's, and any one of them may be what is written."""
    references, definitions = models_json_schema(
        [(model, "serialization") for model in OUTPUTS.values()], title="What pinekeep --json writes"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **definitions,
        "anyOf": [references[model, "serialization"] for model in OUTPUTS.values()],
    }
