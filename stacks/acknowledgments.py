"""Findings of the security and template rules that are accepted, each with its reason.

A test fails when a finding stands that is not here, when one here is no longer found, and when a reason is empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


@dataclass(frozen=True)
class Accepted:
    """One finding that is accepted.

    Attributes:
        stack_class: the class of the stack it is found in.
        path: the construct it is found on, below the stack, each part a pattern; every construct below it is covered.
        rule: the rule's qualified ID, as the finding prints it; ``{pattern}`` stands for each pattern of keys that
            the construct allows.
        reason: why it is accepted.
    """

    stack_class: str
    path: str
    rule: str
    reason: str


ACCEPTED: Final = (
    Accepted(
        stack_class="CmekStack",
        path="CustomerKeys*",
        rule="AwsSolutions::AwsSolutions-IAM5[Resource::{pattern}]",
        reason="A customer may let the role use any key of its account. Which keys those are the customer decides, in "
        "each key's own policy; without a statement there KMS refuses.",
    ),
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


Found = dict[tuple[str, ...], Sequence[IConstruct]]
"""The constructs of a stack that were looked for already, by their path below it."""


def acknowledge(stack: Stack) -> None:
    """Record the accepted findings on the constructs of a stack that they are about."""
    known: Found = {(): [stack]}
    for accepted in ACCEPTED:
        # There may be thousands of patterns, and only cdk-nag asks after them: see acknowledge_patterns.
        if accepted.stack_class == type(stack).__name__ and _PATTERN not in accepted.rule:
            for construct in _find(tuple(accepted.path.split("/")), known):
                _record(construct, accepted.rule, accepted.reason)


def acknowledge_patterns(stack: Stack) -> None:
    """Record the accepted findings that stand once for each pattern of keys."""
    known: Found = {(): [stack]}
    for accepted in ACCEPTED:
        if accepted.stack_class == type(stack).__name__ and _PATTERN in accepted.rule:
            for construct in _find(tuple(accepted.path.split("/")), known):
                for pattern in getattr(construct, "patterns", ()):
                    _record(construct, accepted.rule.replace(_PATTERN, pattern), accepted.reason)


_PATTERN: Final = "{pattern}"


def _record(construct: IConstruct, rule: str, reason: str) -> None:
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def _find(path: tuple[str, ...], known: Found) -> Sequence[IConstruct]:
    """Return the constructs at a path, and remember them: every look at a child is a call to Node."""
    if path not in known:
        *above, name = path
        known[path] = [child for parent in _find(tuple(above), known) for child in _children(parent, name)]
    return known[path]


def _children(construct: IConstruct, name: str) -> Sequence[IConstruct]:
    """Return the children of a construct with a name, or with names that match a pattern."""
    if "*" in name:
        return [child for child in construct.node.children if fnmatchcase(child.node.id, name)]
    child = construct.node.try_find_child(name)
    return [child] if child else []
