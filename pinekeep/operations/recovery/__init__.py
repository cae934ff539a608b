"""Taking a key and a role whose stack is gone back into a stack, so that never a second one is made."""
