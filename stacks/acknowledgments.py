"""Findings of the security and template rules that are accepted, each with its reason.

A test fails when a finding stands that is not here, when one here is no longer found, and when a reason is empty.
"""

from dataclasses import dataclass
from typing import Final

from aws_cdk import Acknowledgment, Stack, Validations


@dataclass(frozen=True)
class Accepted:
    """One finding that is accepted.

    Attributes:
        stack_class: the class of the stack it is found in.
        path: the construct it is found on, below the stack; every construct below it is covered.
        rule: the rule's qualified ID, as the finding prints it.
        reason: why it is accepted.
    """

    stack_class: str
    path: str
    rule: str
    reason: str


ACCEPTED: Final = (
    Accepted(
        stack_class="PrivateLinkStack",
        path="Vpc",
        rule="CloudFormation-Validate::W3010",
        reason="The zones are named in the configuration, so that nothing is looked up at synth and the endpoint "
        "can be put where Pinecone's endpoint service is.",
    ),
    Accepted(
        stack_class="PrivateLinkStack",
        path="Vpc/FlowLogGroup",
        rule="NIST.800.53.R5::NIST.800.53.R5-CloudWatchLogGroupEncrypted",
        reason="Flow logs hold addresses and byte counts, no payload; CloudWatch Logs encrypts them with a key of "
        "its own. A second KMS key would be one more thing to keep for no data of the customer's.",
    ),
    Accepted(
        stack_class="PrivateLinkStack",
        path="Vpc/Resource",
        rule="NIST.800.53.R5::NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
        reason="CloudFormation cannot empty a VPC's default security group without a Lambda function. Nothing made "
        "here uses it, and the VPC has no way in or out.",
    ),
)


def acknowledge(stack: Stack) -> None:
    """Record the accepted findings on the constructs of a stack that they are about."""
    for accepted in ACCEPTED:
        if accepted.stack_class != type(stack).__name__:
            continue
        construct = stack
        for name in accepted.path.split("/"):
            construct = construct and construct.node.try_find_child(name)  # type: ignore[assignment]
        if construct:
            Validations.of(construct).acknowledge(Acknowledgment(id=accepted.rule, reason=accepted.reason))
