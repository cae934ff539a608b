"""The live state of a deployment's account, as plain values. Reads only: no judgment, no changes."""
