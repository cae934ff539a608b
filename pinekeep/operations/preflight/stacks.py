"""The stacks: whether there are any of the names, whose they are, and whether they can be deployed over."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from pinekeep.model import naming
from pinekeep.model.facts import stack_status
from pinekeep.operations.preflight.check import Subject, registry, tags_of, with_cmek, with_link
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

CHECKS: Final = registry(
    wanted="no stack of this name, or the deployment's own in a state that can be deployed over",
    meaning="A stack that cannot be deployed over stops the deployment; somebody else's would lose what is in it.",
)


def _state(field: str, subject: Subject) -> Iterator[Verdict]:
    """There is none, or it is the deployment's own and can be deployed over."""
    stack: Any = getattr(subject.seen, field)
    if stack is None:
        yield passed("there is none: it will be made")
        return
    name, status = stack["StackName"], stack["StackStatus"]
    owner = tags_of(stack).get(naming.DEPLOYMENT_TAG)
    if remedy := stack_status.remedy(status, name=name, region=subject.deployment.region):
        yield failed(f"stack {name} is in state {status}", fix=remedy)
    elif status in stack_status.NEVER_CREATED:
        yield noted(
            f"stack {name} is in state {status}: nothing was ever deployed to it; a change set was made for it, by "
            "hand or by a `pinekeep plan` or `cdk diff` that was killed",
            fix="nothing needs to be done: a deployment makes a change set of its own and leaves those of others",
        )
    elif _was_taken_back_in(stack, subject):
        yield passed(f"{status}: it was taken back in, and will be updated")
    elif owner != subject.name:
        whose = f"is tagged as deployment {owner}'s" if owner else f"lacks the tag {naming.DEPLOYMENT_TAG}"
        yield failed(
            f"stack {name} exists already and {whose}, so it was not made from this deployment",
            fix="a deployment over it would take away what is in it: give the deployment another name; if the stack "
            f"is yours all the same, tag it {naming.DEPLOYMENT_TAG}={subject.name} by an update of the stack",
        )
    else:
        yield passed(f"{status}: it will be updated")


CHECKS.add(id="cmek-stack", title="The stack of key and role", reads=("cmek_stack",), applies=with_cmek)(
    partial(_state, "cmek_stack")
)
CHECKS.add(
    id="private-link-stack", title="The stack of the endpoint", reads=("private_link_stack",), applies=with_link
)(partial(_state, "private_link_stack"))


def _was_taken_back_in(stack: Any, subject: Subject) -> bool:
    """Whether the stack was made by ``pinekeep recover``. An import can set no tags; the first update does."""
    return (
        stack["StackStatus"] == "IMPORT_COMPLETE"
        and naming.DEPLOYMENT_TAG not in tags_of(stack)
        # Its description is the template's; not everything that answers like CloudFormation keeps it.
        and f"({subject.name})" in (stack.get("Description") or f"({subject.name})")
    )
