"""The models of what ``--json`` writes. They are a promise: fields are added, never renamed or removed."""
