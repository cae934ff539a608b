"""The output of the commands with `--json`, by operation."""

from pydantic import BaseModel, ConfigDict


class OutputModel(BaseModel):
    """The base of all outputs. They are a promise: fields are added, never renamed or removed."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
