"""Deploying and deleting stacks: the reviewed change sets, executed and read back."""
