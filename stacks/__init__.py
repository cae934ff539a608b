"""The CDK stacks, composed from the constructs.

The constructs need neither a configuration file nor the command line; they are in :mod:`pinekeep.constructs`. A wheel
has this package as ``pinekeep.stacks``, so its modules import each other relatively.
"""
