"""Why a deployment of these stacks fails in CloudFormation, by AWS's own words, and what to do about each.

Source: the service's error messages (facts.aws.STACK_STATUS_PAGE and the API references of KMS, IAM and EC2).
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class StackFailure:
    """One way to fail.

    ``said``: what AWS says, as a regular expression without regard to case. ``means``: what it means for the
    deployment, as a sentence without a full stop.
    """

    name: str
    said: str
    means: str
    hint: str


FAILURES: Final = (
    StackFailure(
        "trusted-role-missing",
        r"invalid principal in policy",
        "IAM refuses the trust policy, because it names a role that does not exist in Pinecone's account",
        "look at pinecone_account, and take regions out of cmek.trust.regions in which Pinecone has no access role",
    ),
    StackFailure(
        "key-user-not-visible",
        r"one or more invalid principals|MalformedPolicyDocumentException",
        "KMS refuses the key policy, because it names a role or user that KMS does not see",
        "a role that was just made takes seconds to be seen: run it again; if it stays so, one of "
        "cmek.key.administrators does not exist",
    ),
    StackFailure(
        "key-policy-locks-out",
        r"will not allow you to update the key policy in the future",
        "KMS refuses the key policy, because nobody could change it any more",
        "the account root keeps the key in every policy that is made here; if yours was changed by hand, "
        "bring it back: pinekeep verify tells how",
    ),
    StackFailure(
        "denied-by-stack-policy",
        r"denied by stack policy",
        "the stack's policy forbids to replace or remove the key, its alias or the role",
        "this is what it is there for; pinekeep plan says what would have been lost",
    ),
    StackFailure(
        "private-name-taken",
        r"conflicting DNS domain",
        "the VPC has Pinecone's private names already, by another endpoint or a private hosted zone",
        "use private_link.dns: none, or take the other one out",
    ),
    StackFailure(
        "zone-not-served",
        r"does not support the availability zone",
        "Pinecone's endpoint service is not in the Availability Zone of a subnet",
        "pinekeep preflight names the zones that it is in; take subnets there",
    ),
    StackFailure(
        "already-exists",
        r"already exists|AlreadyExists",
        "something of that name exists already and does not belong to the stack",
        "see what it is before anything else: if Pinecone uses it, it must stay; else choose another name",
    ),
    StackFailure(
        "quota",
        r"LimitExceeded|limit exceeded|quota",
        "a quota of the account is used up",
        "ask for more in the Service Quotas console, or remove what is not used",
    ),
    StackFailure(
        "execution-role",
        r"is not authorized to perform",
        "the role with which CloudFormation works may not do what the stack needs",
        "pinekeep permissions --for execution prints the policy that suffices",
    ),
    StackFailure(
        "session-ended",
        r"ExpiredToken|security token included in the request is expired",
        "the AWS credentials have expired",
        "sign in again and run it again: CloudFormation continues what it has started",
    ),
    StackFailure(
        "obsolete-change-set",
        r"obsolete|InvalidChangeSetStatus|cannot be executed in its current",
        "somebody else changed the stack in the meantime",
        "see what they did, then run it again",
    ),
    StackFailure(
        "stack-busy",
        r"_IN_PROGRESS state and can not be updated|in progress by another",
        "someone else is changing the stack",
        "wait until it has ended, see what they did, then run it again",
    ),
    StackFailure(
        "no-way-there",
        r"\b(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|NetworkingError)\b|socket hang up",
        "the way to AWS was cut",
        "run it again when the network is back: CloudFormation continues what it has started",
    ),
)
"""The first that fits counts."""


def explained(text: str) -> StackFailure | None:
    """Return what a text of AWS's, or of the CDK command line's, means; None where nobody has foreseen it."""
    return next((each for each in FAILURES if re.search(each.said, text, re.IGNORECASE)), None)
