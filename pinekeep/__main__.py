"""The ``pinekeep`` command."""

import os
import sys

# Looking for plugins of pydantic among all installed packages takes as long as reading the configuration.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from pinekeep.commands.root import run


def main() -> None:
    """Run the command with the process's arguments, and exit."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
