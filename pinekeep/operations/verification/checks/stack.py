"""The stacks: their state, their protection, and what they put out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pinekeep.account.reads.live import Document
from pinekeep.model import naming
from pinekeep.model.config.models import private_zone_of
from pinekeep.model.facts import stack_status
from pinekeep.model.naming import Output
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek, with_link
from pinekeep.operations.verification.checks.finding import Verdict, failed, passed

_COMPLETE: Final = "a complete state"
_UNDONE: Final = frozenset({"UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"})
"""States that can be deployed over, and yet say that the last change was undone."""


CHECKS: Final = registry(promised=True)


@CHECKS.add(
    id="cmek-stack-state",
    title="State of the key's stack",
    wanted=_COMPLETE,
    meaning="Role and key may be missing or half made, so Pinecone may not be able to use the key.",
    reads=("cmek_stack",),
    applies=with_cmek,
    sees_absence=True,
)
def _cmek_state(subject: Subject, stack: Document | None) -> Iterator[Verdict]:
    yield _state(
        subject,
        naming.cmek_stack(subject.name),
        stack,
        make=_take_back(subject),
        gone="Nothing looks after role and key; where nothing was deployed yet, Pinecone has no key to use.",
    )


@CHECKS.add(
    id="cmek-stack-protection",
    title="Termination protection of the key's stack",
    wanted="termination protection is on",
    meaning="The stack can be deleted by mistake; nobody would look after the key that Pinecone's data needs.",
    reads=("cmek_stack",),
    applies=with_cmek,
)
def _protection(subject: Subject, stack: Document) -> Iterator[Verdict]:
    name = naming.cmek_stack(subject.name)
    wanted = "termination protection is on"
    if stack.get("EnableTerminationProtection"):
        yield passed(wanted=wanted)
        return
    yield failed(
        "termination protection is off",
        wanted=wanted,
        fix="aws cloudformation update-termination-protection --enable-termination-protection "
        f"--stack-name {name} --region {subject.deployment.region}",
    )


def _take_back(subject: Subject) -> str:
    """Return how the stack of role and key is made: a role that an earlier one kept is taken back in, with its key."""
    deploy = subject.make(None)
    if not isinstance(subject.live.role, Mapping):
        return deploy
    return f"take back in what the stack kept: pinekeep recover --deployment {subject.name}; then {deploy}"


def _state(subject: Subject, name: str, stack: Document | None, *, make: str, gone: str) -> Verdict:
    what = f"stack {name}"
    if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
        return failed("there is no such stack", what=what, fix=make, meaning=gone)
    status = stack["StackStatus"]
    fix = _fix(subject, status, name)
    return failed(status, what=what, fix=fix) if fix else passed(status, what=what)


def _fix(subject: Subject, status: str, name: str) -> str | None:
    if status in stack_status.NEVER_CREATED:
        return (
            "a change set waits and nothing is deployed yet; execute it, or deploy again: "
            f"pinekeep deploy --deployment {subject.name}"
        )
    if status in _UNDONE:
        return (
            "the last deployment was undone; the reason is in: aws cloudformation describe-stack-events "
            f"--stack-name {name} --region {subject.deployment.region}; "
            f"then: pinekeep deploy --deployment {subject.name}"
        )
    return stack_status.remedy(status, name=name, region=subject.deployment.region)


@CHECKS.add(
    id="cmek-stack-outputs",
    title="Outputs of the key's stack",
    wanted="role, key and external ID as configured",
    meaning="Pinecone was or will be given values that differ from the configuration.",
    reads=("cmek_stack",),
    applies=with_cmek,
)
def _cmek_outputs(subject: Subject, stack: Document) -> Iterator[Verdict]:
    wanted: dict[str, str] = {naming.further_role_output(role.number): role.arn for role in subject.roles}
    wanted[Output.EXTERNAL_ID] = subject.cmek.trust.external_id
    if subject.cmek.key.adopt:
        wanted[Output.KEY_ARN] = subject.cmek.key.adopt
    unwanted = [name for name in _values(stack) if name.startswith(Output.ROLE_ARN) and name not in wanted]
    if not subject.cmek.has_own_key:
        unwanted += [name for name in (Output.KEY_ARN, Output.KEY_ALIAS) if name in _values(stack)]
    yield _outputs(stack, wanted, unwanted=unwanted)


@CHECKS.add(
    id="private-link-stack-state",
    title="State of the endpoint's stack",
    wanted=_COMPLETE,
    meaning="The endpoint may be missing or half made, so clients may not reach Pinecone privately.",
    reads=("private_link_stack",),
    applies=with_link,
    sees_absence=True,
)
def _private_link_state(subject: Subject, stack: Document | None) -> Iterator[Verdict]:
    yield _state(
        subject,
        naming.private_link_stack(subject.name),
        stack,
        make=subject.make(None),
        gone="There is no private way to Pinecone, or one that no stack looks after.",
    )


@CHECKS.add(
    id="private-link-stack-outputs",
    title="Outputs of the endpoint's stack",
    wanted="the private DNS zone of the Region",
    meaning="The endpoint was made for other names than those of the Region's Pinecone indexes.",
    reads=("private_link_stack",),
    applies=with_link,
)
def _private_link_outputs(subject: Subject, stack: Document) -> Iterator[Verdict]:
    yield _outputs(stack, {Output.PRIVATE_DNS_ZONE: private_zone_of(subject.deployment)})


def _values(stack: Document) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs") or []}


def _outputs(stack: Document, wanted: Mapping[str, str], *, unwanted: Iterable[str] = ()) -> Verdict:
    found = _values(stack)
    names = ", ".join(wanted)
    different = [
        f"{key} is missing" if key not in found else f"{key} differs from the configuration"
        for key, value in wanted.items()
        if found.get(key) != value
    ]
    different += [f"{key} is not in the configuration" for key in unwanted]
    if different:
        return failed(
            "; ".join(different),
            wanted=f"{names} as configured",
            fix="the configuration was changed since: deploy it, or change it back. Pinecone cannot be given "
            "another role, key or external ID for a project",
        )
    return passed(wanted=f"{names} as configured")
