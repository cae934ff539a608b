"""The base of the configuration file's models."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """The base of all parts of the file: no unknown names, no implicit conversions, immutable."""

    # defer_build: the models are built once, on first use, which is a third of the startup time. The docstrings of the
    # settings are read in pinekeep.model.config.schema, where they are needed.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)
