"""The change sets of one run: made for review, and deleted unless they were executed."""

import json
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import uuid4

from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.process import interrupts_deferred
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.plan.changes import Action, Change, ChangeSet
from pinekeep.operations.plan.clearance import PREFIX, clear_away, is_abandoned
from pinekeep.operations.plan.cloudformation import REVIEW, DisturbedError, Target, Version, describe_stack
from pinekeep.operations.plan.creation import change_set_request, create, describe
from pinekeep.operations.synthesis.cdk_cli import CdkCli

_CONFLICTS: Final = frozenset({"ValidationError", "AlreadyExistsException"})
"""Error codes with which CloudFormation answers, among others, if a stack is in another state than it was."""
_AT_ONCE: Final = 8
T = TypeVar("T")
CdkOf = Callable[[str], CdkCli]


@dataclass
class Review:
    """The change sets of one run by stack; none for a stack that does not change.

    An ``executed`` one is not deleted here; ``again`` makes the change set of a stack again, see :meth:`renew`.
    ``late``: the stacks without one because they refer to stacks that do not exist yet, with the changes as far as the
    template shows them; ``remake`` makes it then, and anew where there is one. It may be empty.
    """

    sets: dict[str, ChangeSet]
    executed: set[str] = field(default_factory=set)
    again: Callable[[str], ChangeSet | None] = lambda _: None
    late: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)
    remake: Callable[[str], ChangeSet] = lambda stack: ChangeSet(stack=stack, name="", stack_id="", executable=False)

    def renew(self, stack: str) -> bool:
        """Make the change set of a new stack again after it was deleted together with the stack; return whether it
        exists.

        `cdk diff` deletes stacks in review. The effect of a change set on an empty stack follows from its template
        alone; it is accepted only if it is the same that was reviewed.

        Raises:
            AwsRefusedError: it cannot be made, or AWS refuses.
        """
        reviewed = self.sets[stack]
        found = self.again(stack)
        if found is None or found.changes != reviewed.changes:
            return False
        self.sets[stack] = found
        return True


@contextmanager
def change_sets(
    targets: Sequence[Target],
    *,
    assembly: Path,
    cdk: CdkOf,
    revert_drift: bool = False,
    late: Collection[str] = (),
    tell: Callable[[str], None],
) -> Generator[Review]:
    """Make a change set of each stack, and delete on exit those that were not executed.

    CloudFormation is called directly. The CDK command line (the same one for the same credentials) is started only to
    publish assets, or a template that is too large for a request. The termination protection in the assembly is then
    set to the present one: the command line would change it even though nothing is executed. ``late``: the stacks that
    refer to stacks that do not exist yet; no change set can be made of them.

    Raises:
        DisturbedError: somebody else has changed a stack since it was read.
        AwsRefusedError: a change set cannot be made, or AWS refuses.
    """
    if not targets:
        yield Review({})
        return
    name = new_name()
    at_once = [each for each in targets if each.name not in late]
    names = {each.name: name for each in at_once}
    review = Review({}, late={each.name: additions(assembly, each) for each in targets if each.name in late})
    made_for_review = {each.name for each in targets if each.status is None}
    try:
        for each in targets:
            if each.status == REVIEW:
                with refusals_told(each.region):
                    made_for_review |= {each.name} if is_abandoned(each) else set()
        requests = {
            each.name: change_set_request(
                assembly, each.name, is_new=each.is_new, parameters=each.parameters, revert_drift=revert_drift
            )
            for each in targets
        }

        def again(stack: str) -> ChangeSet | None:
            target = next(each for each in targets if each.name == stack)
            request = requests[stack]
            if request is None or not target.is_new:
                return None
            names[stack] = new_name()
            made_for_review.add(stack)
            return _create(target, request, names[stack])

        def remake(stack: str) -> ChangeSet:
            target = next(each for each in targets if each.name == stack)
            if stack in names:
                clear_away(target, names[stack], with_stack=False, tell=tell)
            names[stack] = new_name()
            made = _made([target], requests, names[stack], assembly=assembly, cdk=cdk, revert_drift=revert_drift)[stack]
            review.sets[stack] = made
            return made

        review.again, review.remake = again, remake
        found = _made(at_once, requests, name, assembly=assembly, cdk=cdk, revert_drift=revert_drift)
        review.sets = {stack: each for stack, each in found.items() if not each.is_empty}
        yield review
    finally:
        with interrupts_deferred():
            _side_by_side(
                lambda each: clear_away(each, names[each.name], with_stack=each.name in made_for_review, tell=tell),
                [each for each in targets if each.name in names and each.name not in review.executed],
            )


def additions(assembly: Path, target: Target) -> tuple[Change, ...]:
    """Return the changes of a new stack, which follow from its template; none for one that exists."""
    if not target.is_new:
        return ()
    template = json.loads((assembly / f"{target.name}.template.json").read_text())
    return tuple(
        Change(stack=target.name, logical_id=logical_id, type=str(resource["Type"]), action=Action.ADD)
        for logical_id, resource in template["Resources"].items()
    )


def by_command_line(stacks: Sequence[str], cdk: CdkOf) -> dict[CdkCli, list[str]]:
    """Group stacks by the CDK command line that has the credentials for them, so that each is started once."""
    found: dict[CdkCli, list[str]] = {}
    for stack in stacks:
        found.setdefault(cdk(stack), []).append(stack)
    return found


def new_name() -> str:
    """Return a name for a change set of ours."""
    return f"{PREFIX}{uuid4().hex[:12]}"


def _made(
    targets: Sequence[Target],
    requests: Mapping[str, dict[str, Any] | None],
    name: str,
    *,
    assembly: Path,
    cdk: CdkOf,
    revert_drift: bool,
) -> dict[str, ChangeSet]:
    """Make the change sets; return them by stack, empty ones included. Each stack must stay as it was read."""
    by_cdk = [each for each in targets if requests[each.name] is None]
    if by_cdk:
        _keep_protection(assembly, by_cdk)
        try:
            for cli, stacks in by_command_line([each.name for each in by_cdk], cdk).items():
                cli.prepare(assembly=assembly, stacks=stacks, change_set=name, revert_drift=revert_drift)
        except AwsRefusedError:
            with refusals_told():
                _side_by_side(lambda each: _require_unmoved(each, None), by_cdk)
            raise

    def make(target: Target) -> ChangeSet:
        request = requests[target.name]
        if request is not None:
            return _create(target, request, name)
        with refusals_told(target.region):
            client = target.clients.client("cloudformation")
            _, found = describe(client, target.name, stack=target.name, change_set=name)
            _require_unmoved(target, found)
        return found

    return dict(zip([each.name for each in targets], _side_by_side(make, targets), strict=True))


def _create(target: Target, request: Mapping[str, Any], name: str) -> ChangeSet:
    """Make the change set of a stack, which must stay as it was read."""
    with refusals_told(target.region):
        try:
            found = create(target.clients.client("cloudformation"), request, name)
        except Exception as error:
            # That somebody else is at work says more than the refusal.
            if code_of(error) in _CONFLICTS:
                _require_unmoved(target, None)
            raise
        _require_unmoved(target, found)
    return found


def _require_unmoved(target: Target, made: ChangeSet | None) -> None:
    """Check that a stack is as it was read.

    A change set is computed against the stack as it is at that time, so one that was made while somebody else deployed
    describes another stack than the one that was read, or no change at all.
    """
    stack = describe_stack(target.clients.client("cloudformation"), target.name)
    now = Version.of(stack) if stack is not None else None
    if now is None:
        same = target.is_new and made is None
    elif target.is_new:
        same = now.status == REVIEW and (made is None or now.stack_id == made.stack_id)
    else:
        same = now == target.version
    if not same:
        raise DisturbedError(target.name, region=target.region)


def _keep_protection(assembly: Path, targets: Sequence[Target]) -> None:
    path = assembly / "manifest.json"
    manifest = json.loads(path.read_text())
    for each in targets:
        manifest["artifacts"][each.name]["properties"]["terminationProtection"] = each.protected
    path.write_text(json.dumps(manifest))


def _side_by_side(call: Callable[[Target], T], targets: Sequence[Target]) -> list[T]:
    """Return the results in order. All calls are completed, even if one of them fails."""
    if len(targets) < 2:  # noqa: PLR2004
        return [call(each) for each in targets]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [each.result() for each in [pool.submit(call, target) for target in targets]]
