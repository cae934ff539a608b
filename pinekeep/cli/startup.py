"""What keeps the command quick to start. It goes before everything that imports pydantic."""

import gc
import os
import sys
from types import ModuleType
from typing import Final

VARIABLE: Final = "PYDANTIC_DISABLE_PLUGINS"
LOADER: Final = "pydantic.plugin._loader"
"""The module with which pydantic looks for plugins, as of the pinned version. It imports importlib.metadata, and with
it the standard library's readers of mail and archives, even where plugins are turned off. A test holds this name."""

OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000


def collect_garbage_rarely() -> None:
    """Have Python look for unreachable cycles rarely.

    It looks after every 700 new objects by default, and through all that there are again and again while descriptions
    of AWS's services are read: a quarter of the time of a short command, which ends before it has made any garbage
    worth collecting.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])


def without_plugins_of_pydantic() -> None:
    """Have pydantic look for no plugins: here there are none, and looking takes as long as reading the configuration.

    Where pydantic is loaded already, or looks another way, nothing changes.
    """
    os.environ.setdefault(VARIABLE, "__all__")
    if LOADER not in sys.modules and os.environ[VARIABLE] == "__all__":
        stand_in = ModuleType(LOADER, "Finds no plugins.")
        vars(stand_in)["get_plugins"] = tuple
        sys.modules[LOADER] = stand_in
