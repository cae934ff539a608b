"""The subcommands, one module each. They parse, call, print and exit."""
