"""References to the outputs of a deployment's other stacks.

``Fn::GetStackOutput`` is resolved when the stack of the rules is deployed, and binds nothing: the stacks of key and
endpoint can be changed and deleted as before.
"""

from aws_cdk import Fn

from pinekeep.model.naming import Output


class References:
    """The outputs of the deployment's stacks. ``region``: theirs, if it is another one."""

    def __init__(self, region: str | None = None) -> None:
        self._region = region

    def value(self, stack: str, output: Output) -> str:
        """Return a reference to one output of a stack."""
        return Fn.get_stack_output(stack, output.value, region=self._region)

    def key_id(self, key_arn: str) -> str:
        """Return the ID in the ARN of a key."""
        return Fn.select(1, Fn.split("/", key_arn))
