"""The ``pinekeep`` command."""

import sys

from pinekeep.cli.startup import collect_garbage_rarely, without_plugins_of_pydantic


def main() -> None:
    """Run the command with the process's arguments, and exit."""
    collect_garbage_rarely()
    without_plugins_of_pydantic()
    from pinekeep.cli.root import run  # noqa: PLC0415 - may import pydantic

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
