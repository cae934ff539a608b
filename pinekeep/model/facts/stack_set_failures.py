"""Why an instance of a stack set fails, by AWS's own words, and what to do about each.

Source: "Troubleshooting CloudFormation StackSets" and "Grant self-managed permissions" of the CloudFormation User
Guide, and the API reference (ListStackSetOperationResults), docs.aws.amazon.com (checked 2026-11-30); the words of
other reasons as they are quoted in public issues.
"""

import re
from typing import Final

from pinekeep.model.facts.stack_failures import StackFailure, explained

SUSPENDED: Final = "SKIPPED_SUSPENDED_ACCOUNT"
"""The detailed status of an instance in a suspended account."""

FAILURES: Final = (
    StackFailure(
        "administration-role",
        r"should have '[^']+' role with trust relationship to CloudFormation service",
        "the administrator's account lacks the role that StackSets assumes",
        "create it from the released template fleet-administration-role (`pinekeep release --out release`)",
    ),
    StackFailure(
        "execution-role-missing",
        r"should have '[^']+' role with trust relationship",
        "the account lacks the role with which StackSets deploys, or the role does not trust the administrator's",
        "create it from the released template fleet-execution-role (`pinekeep release --out release`); a new role "
        "takes a minute until it can be assumed",
    ),
    StackFailure(
        "organization-denies",
        r"explicit deny in an? (?:service|resource) control policy",
        "a policy of the organization denies it",
        "its owners can allow it for the role of StackSets",
    ),
    StackFailure(
        "account-suspended",
        rf"{SUSPENDED}|ACCOUNT_SUSPENDED|account (?:is|was) suspended",
        "the account is suspended",
        "take it out of the file, or have it reopened; then run it again",
    ),
    StackFailure(
        "region-disabled",
        r"STS is not activated in this region|OptInRequired|security token included in the request is invalid",
        "the Region is not enabled in the account",
        "enable it (`aws account enable-region --region-name REGION`), or take the Region out of the file",
    ),
    StackFailure(
        "stack-left-over",
        r"is in \S*(?:ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED) state and can ?not be updated",
        "the stack of an earlier failure is in the way",
        "see its events, then delete it in its account: aws cloudformation delete-stack --stack-name ARN; then run it "
        "again",
    ),
    StackFailure(
        "already-exists",
        r"already exists|AlreadyExists",
        "something of that name exists already and does not belong to the stack",
        "see what it is before anything else: if Pinecone uses it, it must stay, so take the account out of the file; "
        "else choose another name",
    ),
    StackFailure(
        "termination-protection",
        r"TerminationProtection is enabled",
        "the stack has termination protection",
        "turn it off in the account of the stack: aws cloudformation update-termination-protection "
        "--no-enable-termination-protection --stack-name ARN; then run it again",
    ),
    StackFailure(
        "cancelled",
        r"Cancelled since",
        "StackSets stopped before it, because too many accounts failed or the operation was stopped",
        "see the failures, then run it again",
    ),
)
"""The first that fits counts."""


def explained_instance(reason: str) -> StackFailure | None:
    """Return what AWS's reason for the status of an instance means; None where nobody has foreseen it."""
    found = next((each for each in FAILURES if re.search(each.said, reason, re.IGNORECASE)), None)
    return found or explained(reason)
