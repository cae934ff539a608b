"""StackSets of CloudFormation: sets of stacks in many accounts and Regions.

Sources, read 2026-11-30: the documentation in botocore's service model of CloudFormation (1.43), "StackSets status
codes" and "Grant self-managed permissions" (CloudFormation User Guide), "CloudFormation StackSets and AWS
Organizations" (Organizations User Guide).
"""
