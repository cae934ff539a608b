"""Facts about stack sets.

Sources: the user guide of AWS CloudFormation ("Prerequisites for using StackSets", "Grant self-managed permissions",
"Activate trusted access"), and its API reference (CreateStackSet), docs.aws.amazon.com, checked 2026-11-30.
"""

from typing import Final

ADMINISTRATION_ROLE: Final = "AWSCloudFormationStackSetAdministrationRole"
"""The role that StackSets assumes in the administrator's account, with self-managed permissions."""
EXECUTION_ROLE: Final = "AWSCloudFormationStackSetExecutionRole"
"""The role in each account with which StackSets deploys, with self-managed permissions."""
PRINCIPAL: Final = "member.org.stacksets.cloudformation.amazonaws.com"
"""The service principal for which a delegated administrator of StackSets is registered."""
TEMPLATE_BYTES_MAX: Final = 51_200
"""The longest template body of a request."""
