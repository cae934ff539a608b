"""What keeps the start of the command fast. Runs before anything imports pydantic."""

import gc
import os
import sys
from types import ModuleType
from typing import Final

VARIABLE: Final = "PYDANTIC_DISABLE_PLUGINS"
LOADER: Final = "pydantic.plugin._loader"
"""The module with which the pinned pydantic finds plugins. It imports importlib.metadata, which is slow, even where
plugins are turned off. A test holds this name."""

OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000


def collect_garbage_rarely() -> None:
    """Collect garbage rarely.

    Python's default, after every 700 new objects, takes a quarter of a short command's time while descriptions of AWS's
    services are read. Such a command ends before it has made garbage worth collecting.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])


def without_plugins_of_pydantic() -> None:
    """Keep pydantic, unless it is loaded already, from looking for plugins: that takes as long as reading the file."""
    os.environ.setdefault(VARIABLE, "__all__")
    if LOADER not in sys.modules and os.environ[VARIABLE] == "__all__":
        stand_in = ModuleType(LOADER, "Finds no plugins.")
        vars(stand_in)["get_plugins"] = tuple
        sys.modules[LOADER] = stand_in
