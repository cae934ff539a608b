"""Stack states, and the remedy for each that blocks a deployment. Source: facts.aws.STACK_STATUS_PAGE."""

from typing import Final

COMPLETE: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
)
"""A stack that can be deployed over. After a rollback it is as it was before."""

NEVER_CREATED: Final = frozenset({"REVIEW_IN_PROGRESS"})
"""A change set was made for a stack that does not exist yet: nothing is in it."""

REMEDIES: Final = {
    "CREATE_FAILED": "delete the stack, see its events for the reason, then deploy again; {unprotect}",
    "ROLLBACK_COMPLETE": "its first deployment failed and left nothing; delete the stack, see its events for the "
    "reason, then deploy again; {unprotect}",
    "ROLLBACK_FAILED": "its first deployment failed and could not be undone; see its events, delete the stack, "
    "then deploy again; {unprotect}",
    "UPDATE_FAILED": "undo the update: aws cloudformation rollback-stack --stack-name {name}{region}",
    "UPDATE_ROLLBACK_FAILED": "finish undoing the update: aws cloudformation continue-update-rollback "
    "--stack-name {name}{region}",
    "IMPORT_ROLLBACK_FAILED": "see its events; an import could not be undone",
    "DELETE_FAILED": "see its events for what could not be deleted, then delete the stack again",
}
"""What to do, by state."""

_UNPROTECT: Final = (
    "its termination protection goes with: aws cloudformation update-termination-protection "
    "--no-enable-termination-protection --stack-name {name}{region}"
)


def remedy(status: str | None, *, name: str, region: str | None = None) -> str | None:
    """Return what to do before a stack in this state can be deployed over, or None where it can be.

    ``status``: CloudFormation's word, or None where there is no such stack. ``region``: its Region, for the commands;
    None leaves it to the caller's settings.
    """
    option = f" --region {region}" if region else ""
    if status is None or status in COMPLETE or status in NEVER_CREATED:
        return None
    if status.endswith("_IN_PROGRESS"):
        return f"someone is changing it; wait: aws cloudformation describe-stacks --stack-name {name}{option}"
    text = REMEDIES.get(status, "see its events in the CloudFormation console")
    return text.format(name=name, region=option, unprotect=_UNPROTECT.format(name=name, region=option))
