"""The CDK side of Pinekeep: everything that imports aws_cdk, and nothing else.

``pinekeep.constructs`` holds the constructs; they need neither a configuration file nor the command line.
"""
