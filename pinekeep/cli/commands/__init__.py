"""The command line: one file a verb. They parse, call, print and exit, and do nothing else."""
