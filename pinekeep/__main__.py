"""The ``pinekeep`` command."""

import sys

from pinekeep.commands.root import run


def main() -> None:
    """Run the command with the process's arguments, and exit."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
