"""The stacks: state, protection, outputs, stack policy and drift."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from pinekeep.account.reads.drift import Drift
from pinekeep.account.reads.live import Document
from pinekeep.model import naming
from pinekeep.model.config.models import private_zone_of
from pinekeep.model.facts import stack_status
from pinekeep.model.naming import Output
from pinekeep.model.policies.stack import parse_stack_policy, unprotected
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek, with_link
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed

PROTECTED: Final = "termination protection is on"
_COMPLETE: Final = "a complete state"
_UNDONE: Final = frozenset({"UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"})
"""States that can be deployed over, and yet say that the last change was undone."""

CHECKS: Final = registry(applies=with_cmek, promised=True)


@CHECKS.add(
    id="cmek-stack-state",
    title="State of the key's stack",
    wanted=_COMPLETE,
    meaning="Role and key may be missing or half made, so Pinecone may not be able to use the key.",
    sees_absence=True,
)
def _cmek_state(subject: Subject, cmek_stack: Document | None) -> Verdict:
    return state_of(
        subject,
        subject.deployment.stack_of("cmek", subject.name),
        cmek_stack,
        make=_take_back(subject),
        gone="No stack manages role and key; where nothing was deployed yet, Pinecone has no key to use.",
    )


@CHECKS.add(
    id="cmek-stack-protection",
    title="Termination protection of the key's stack",
    wanted=PROTECTED,
    meaning="The stack can be deleted by mistake; no stack would manage the key that Pinecone's data needs.",
)
def _protection(subject: Subject, cmek_stack: Document) -> Verdict:
    return protection_of(subject, subject.deployment.stack_of("cmek", subject.name), cmek_stack)


def protection_of(subject: Subject, name: str, stack: Document) -> Verdict:
    """Return whether a stack has termination protection."""
    if stack.get("EnableTerminationProtection"):
        return passed(wanted=PROTECTED)
    return failed(
        "termination protection is off",
        wanted=PROTECTED,
        fix="aws cloudformation update-termination-protection --enable-termination-protection "
        f"--stack-name {name} --region {subject.region}",
    )


def _take_back(subject: Subject) -> str:
    """Return how the stack of role and key is made: a role that an earlier one kept is taken back in, with its key."""
    deploy = subject.make(None)
    if not isinstance(subject.live.role, Mapping):
        return deploy
    return f"import the retained key and role: {subject.run('recover')}; then {deploy}"


def state_of(subject: Subject, name: str, stack: Document | None, *, make: str, gone: str) -> Verdict:
    """Return the verdict on the state of a stack. ``make``: how to make it; ``gone``: what its absence means."""
    what = f"stack {name}"
    if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
        return failed("there is no such stack", what=what, fix=make, meaning=gone)
    status = stack["StackStatus"]
    fix = _fix(subject, status, name)
    return failed(status, what=what, fix=fix) if fix else passed(status, what=what)


def _fix(subject: Subject, status: str, name: str) -> str | None:
    if status in stack_status.NEVER_CREATED:
        return f"a change set waits and nothing is deployed yet; execute it, or deploy again: {subject.run('deploy')}"
    if status in _UNDONE:
        return (
            "the last deployment was rolled back; the reason is in: aws cloudformation describe-stack-events "
            f"--stack-name {name} --region {subject.region}; then: {subject.run('deploy')}"
        )
    return stack_status.remedy(status, name=name, region=subject.region)


@CHECKS.add(
    id="cmek-stack-outputs",
    title="Outputs of the key's stack",
    wanted="role, key and external ID as configured",
    meaning="Pinecone was or will be given values that differ from the configuration.",
)
def _cmek_outputs(subject: Subject, cmek_stack: Document) -> Verdict:
    wanted: dict[str, str] = {naming.further_role_output(role.number): role.arn for role in subject.roles}
    wanted[Output.EXTERNAL_ID] = subject.cmek.trust.external_id
    if subject.cmek.key.adopt:
        wanted[Output.KEY_ARN] = subject.cmek.key.adopt
    unwanted = [
        name
        for name in {each["OutputKey"]: each["OutputValue"] for each in cmek_stack.get("Outputs") or []}
        if name.startswith(Output.ROLE_ARN) and name not in wanted
    ]
    if not subject.cmek.has_own_key:
        unwanted += [
            name
            for name in (Output.KEY_ARN, Output.KEY_ALIAS)
            if name in {each["OutputKey"]: each["OutputValue"] for each in cmek_stack.get("Outputs") or []}
        ]
    return _outputs(cmek_stack, wanted, unwanted=unwanted)


@CHECKS.add(
    id="private-link-stack-state",
    title="State of the endpoint's stack",
    wanted=_COMPLETE,
    meaning="The endpoint may be missing or half made, so clients may not reach Pinecone privately.",
    applies=with_link,
    sees_absence=True,
)
def _private_link_state(subject: Subject, private_link_stack: Document | None) -> Verdict:
    return state_of(
        subject,
        subject.deployment.stack_of("private_link", subject.name),
        private_link_stack,
        make=subject.make(None),
        gone="There is no private connection to Pinecone, or one that no stack manages.",
    )


@CHECKS.add(
    id="private-link-stack-outputs",
    title="Outputs of the endpoint's stack",
    wanted="the private DNS zone of the Region",
    meaning="The endpoint was made for other names than those of the Region's Pinecone indexes.",
    applies=with_link,
)
def _private_link_outputs(subject: Subject, private_link_stack: Document) -> Verdict:
    return _outputs(private_link_stack, {Output.PRIVATE_DNS_ZONE: private_zone_of(subject.deployment)})


def _outputs(stack: Document, wanted: Mapping[str, str], *, unwanted: Iterable[str] = ()) -> Verdict:
    found = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs") or []}
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


@CHECKS.add(
    id="cmek-stack-policy",
    title="Stack policy of the key's stack",
    wanted="no update may replace or remove role, key or alias",
    meaning="An update of the stack, with whatever tool, may replace the role or the key that Pinecone was given.",
    sees_absence=True,
)
def _stack_policy(subject: Subject, cmek_stack: Document | None, stack_policy: str | None) -> Verdict | None:
    if cmek_stack is None:
        return None
    found = parse_stack_policy(stack_policy)
    missing = [f"nothing denies {each}" for each in unprotected(found)]
    return judged(
        ["the stack has no stack policy"] if found is None else missing,
        fix=f"{subject.run('deploy')} sets it, also where nothing else is to be deployed; see aws cloudformation "
        f"get-stack-policy --stack-name {naming.cmek_stack(subject.name)} --region {subject.region}",
    )


IN_SYNC: Final = "IN_SYNC"
DRIFTED: Final = "DRIFTED"


@CHECKS.add(
    id="private-link-stack-drift",
    title="Drift of the endpoint's stack",
    wanted="no changes outside the stack",
    meaning="Somebody changed the endpoint or its network by hand, so clients may not reach Pinecone privately.",
    reads=("private_link_stack", "private_link_drift"),
    promised=False,
    applies=with_link,
    sees_absence=True,
)
@CHECKS.add(
    id="cmek-stack-drift",
    title="Drift of the key's stack",
    wanted="no changes outside the stack",
    meaning="Somebody changed the role or the key by hand, so Pinecone may be refused, or others may have gained "
    "access.",
    reads=("cmek_stack", "cmek_drift"),
    promised=False,
    sees_absence=True,
)
def _drift(subject: Subject, stack: Document | None, found: Drift | None) -> Verdict | None:
    if stack is None:
        return None
    return _last(subject, stack) if found is None else _now(subject, found)


def _last(subject: Subject, stack: Document) -> Verdict:
    told: dict[str, Any] = stack.get("DriftInformation") or {}
    status, at = told.get("StackDriftStatus"), _when(told.get("LastCheckTimestamp"))
    look = f"have it look now: {subject.run('verify --drift')}"
    if status == IN_SYNC:
        return passed(f"nothing, when CloudFormation last looked{at}")
    if status == DRIFTED:
        return noted(f"CloudFormation found changes when it last looked{at}; they may be undone since", fix=look)
    return noted("CloudFormation has not looked yet", fix=look)


def _now(subject: Subject, found: Drift) -> Verdict:
    if found.status == IN_SYNC:
        return passed(f"nothing, when CloudFormation looked{_when(found.at)}")
    if found.status == DRIFTED:
        told = "; ".join(found.changes) or "CloudFormation does not tell what"
        return failed(told, fix=subject.restore)
    reason = f": {found.reason}" if found.reason else ""
    return noted(
        f"CloudFormation could not look at everything{reason}",
        fix="drift detection reads each resource with the permissions of whoever asks; the other checks do not need it",
    )


def _when(at: Any) -> str:
    return f" on {at:%Y-%m-%d at %H:%M} UTC" if isinstance(at, datetime) else ""
