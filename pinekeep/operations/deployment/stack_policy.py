"""Giving the stack of role and key its stack policy."""

import json

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.model.policies.stack import parse_stack_policy, stack_policy, unprotected


def ensure_stack_policy(clients: Clients, stack: str) -> bool:
    """See that a stack's policy keeps role, key and alias; one that somebody else wrote is only added to.

    One call where it is so already, two where not.

    Returns:
        Whether the policy was set.

    Raises:
        AwsRefusedError: AWS refuses, or there is no such stack.
    """
    client = clients.client("cloudformation")
    with refusals_told():
        found = parse_stack_policy(client.get_stack_policy(StackName=stack).get("StackPolicyBody"))
        if not unprotected(found):
            return False
        client.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps(stack_policy(found)))
    return True
