"""The CDK stacks, composed from the constructs, which need neither a configuration file nor the command line.

A wheel has this package as ``pinekeep.stacks``, so its modules import each other relatively.
"""
