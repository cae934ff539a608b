"""What makes the generated parts of the docs: a module a topic, each with ``BLOCKS`` and, rarely, ``FILES``."""
