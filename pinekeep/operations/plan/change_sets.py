"""Making change sets for review."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import uuid4

from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.plan.changes import ChangeSet
from pinekeep.operations.plan.cleanup import PREFIX, clear_away, is_nobodys
from pinekeep.operations.plan.creation import DisturbedError, create, describe, no_such_stack
from pinekeep.operations.plan.requests import change_set_request
from pinekeep.operations.plan.target import REVIEW, Target, Version
from pinekeep.operations.synthesis.cdk_cli import CdkCli
from pinekeep.process import interrupts_deferred

_IN_THE_WAY: Final = frozenset({"ValidationError", "AlreadyExistsException"})
"""What CloudFormation answers, among much else, where a stack is in another state than it was."""
_AT_ONCE: Final = 8
T = TypeVar("T")
CdkOf = Callable[[str], CdkCli]
_SECONDS_TO_GO: Final = 30.0
_PAUSE: Final = 0.3


@dataclass
class Review:
    """The change sets of one run.

    Attributes:
        sets: the change sets by stack; a stack without one has nothing to change.
        executed: the stacks whose change set was executed, which is not ours to delete then.
        again: makes the change set of a stack anew; see :meth:`renew`.
    """

    sets: dict[str, ChangeSet]
    executed: set[str] = field(default_factory=set)
    again: Callable[[str], ChangeSet | None] = lambda _: None

    def renew(self, stack: str) -> bool:
        """Make the change set anew of a stack that nothing was deployed to, and that was taken away with it.

        `cdk diff` of a stack in review deletes it, whoever waits for it. What a change set does to a stack without
        anything in it follows from its template alone; it is taken only where it is the very same that was shown.

        Returns:
            Whether there is one again.

        Raises:
            AwsRefusedError: it cannot be made, or AWS refuses.
        """
        shown = self.sets[stack]
        found = self.again(stack)
        if found is None or found.changes != shown.changes:
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
    tell: Callable[[str], None],
) -> Iterator[Review]:
    """Make a change set of each stack, and delete whatever was not executed in the end.

    What the CDK command line would ask CloudFormation for is asked directly, without starting it. It is run where it
    has more to do: to publish assets, or a template that is too large for a request.

    Args:
        targets: the stacks; none makes no call at all.
        assembly: the cloud assembly. Its termination protection is set to what is so now: the CDK command line would
            switch it even though nothing is executed.
        cdk: gives the CDK command line with the credentials for a stack; the same one for the same credentials.
        revert_drift: whether to undo what was changed behind the stacks' back, too.

    Raises:
        DisturbedError: somebody else has changed a stack since it was read.
        AwsRefusedError: a change set cannot be made, or AWS refuses.
    """
    if not targets:
        yield Review({})
        return
    name = _new_name()
    names = {each.stack: name for each in targets}
    review = Review({})
    made_for_review = {each.stack for each in targets if each.status is None}
    try:
        with refusals_told():
            made_for_review |= {each.stack for each in targets if each.status == REVIEW and is_nobodys(each)}
        requests = {
            each.stack: change_set_request(
                assembly, each.stack, is_new=each.is_new, parameters=each.parameters, revert_drift=revert_drift
            )
            for each in targets
        }

        def again(stack: str) -> ChangeSet | None:
            target = next(each for each in targets if each.stack == stack)
            request = requests[stack]
            if request is None or not target.is_new:
                return None
            names[stack] = _new_name()
            made_for_review.add(stack)
            return _create(target, request, names[stack])

        review.again = again
        found = _made(targets, requests, name, assembly=assembly, cdk=cdk, revert_drift=revert_drift)
        review.sets = {stack: each for stack, each in found.items() if not each.is_empty}
        yield review
    finally:
        with interrupts_deferred():
            _side_by_side(
                lambda each: clear_away(each, names[each.stack], with_stack=each.stack in made_for_review, tell=tell),
                [each for each in targets if each.stack not in review.executed],
            )


def by_command_line(stacks: Sequence[str], cdk: CdkOf) -> dict[CdkCli, list[str]]:
    """Return stacks by the CDK command line that has the credentials for them. Each is started once."""
    found: dict[CdkCli, list[str]] = {}
    for stack in stacks:
        found.setdefault(cdk(stack), []).append(stack)
    return found


def _new_name() -> str:
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
    """Make the change sets of stacks that stay as they were read meanwhile; return them by stack, empty ones too."""
    by_cdk = [each for each in targets if requests[each.stack] is None]
    if by_cdk:
        _keep_protection(assembly, by_cdk)
        try:
            for cli, stacks in by_command_line([each.stack for each in by_cdk], cdk).items():
                cli.prepare(assembly=assembly, stacks=stacks, change_set=name, revert_drift=revert_drift)
        except AwsRefusedError:
            with refusals_told():
                _side_by_side(lambda each: _require_unmoved(each, None), by_cdk)
            raise

    def make(target: Target) -> ChangeSet:
        request = requests[target.stack]
        if request is not None:
            return _create(target, request, name)
        with refusals_told():
            client = target.clients.client("cloudformation")
            _, found = describe(client, target.stack, stack=target.stack, change_set=name)
            _require_unmoved(target, found)
        return found

    return dict(zip([each.stack for each in targets], _side_by_side(make, targets), strict=True))


def _create(target: Target, request: Mapping[str, Any], name: str) -> ChangeSet:
    """Make a change set of a stack that stays as it was read meanwhile."""
    with refusals_told():
        try:
            found = create(target.clients.client("cloudformation"), request, name)
        except Exception as error:
            # Who is in the way says more than what CloudFormation says of it.
            if code_of(error) in _IN_THE_WAY:
                _require_unmoved(target, None)
            raise
        _require_unmoved(target, found)
    return found


def _require_unmoved(target: Target, made: ChangeSet | None) -> None:
    """See that a stack is what it was when it was read.

    A change set is worked out against the stack as it is then, so one that was made while somebody else deployed tells
    of another stack than what was read before, or says that nothing would change.
    """
    try:
        stack = target.clients.client("cloudformation").describe_stacks(StackName=target.stack)["Stacks"][0]
    except Exception as error:
        if no_such_stack(error):
            if made is None and target.is_new:
                return
            raise DisturbedError(target.stack) from None
        raise
    now = Version.of(stack)
    if target.is_new:
        same = now.status == REVIEW and (made is None or now.stack_id == made.stack_id)
    else:
        same = now == target.version
    if not same:
        raise DisturbedError(target.stack)


def _keep_protection(assembly: Path, targets: Sequence[Target]) -> None:
    path = assembly / "manifest.json"
    manifest = json.loads(path.read_text())
    for each in targets:
        manifest["artifacts"][each.stack]["properties"]["terminationProtection"] = each.protected
    path.write_text(json.dumps(manifest))


def _side_by_side(call: Callable[[Target], T], targets: Sequence[Target]) -> list[T]:
    """Return the results in order. All calls come to their end, also where one of them fails."""
    if len(targets) < 2:  # noqa: PLR2004 - one needs no thread
        return [call(each) for each in targets]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [each.result() for each in [pool.submit(call, target) for target in targets]]
