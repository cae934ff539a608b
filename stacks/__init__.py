"""The CDK side of Pinekeep: everything that imports aws_cdk, and nothing else.

``pinekeep.constructs`` holds the constructs; they need neither a configuration file nor the command line.

A wheel has this package as ``pinekeep.stacks``, so its modules import each other relatively.
"""
