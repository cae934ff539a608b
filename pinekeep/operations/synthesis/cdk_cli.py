"""The CDK command line as a child process."""

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pinekeep.account.process import scratch_folder
from pinekeep.errors import AwsRefusedError
from pinekeep.model.facts.stack_failures import explained
from pinekeep.operations.synthesis.cdk_installation import cdk_command
from pinekeep.operations.synthesis.child import SilentError, node_with_lifeline, run_child

_REMEMBERED_LINES: Final = 200
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PREPARE: Final = ("--method=prepare-change-set", "--require-approval=never", "--progress=events", "--exclusively")
_QUIET: Final = ("--no-notices", "--no-version-reporting", "--no-color", "--ci")


class CdkCli:
    """The pinned CDK command line, run on a cloud assembly; ``tell`` is called with each line of its output."""

    def __init__(self, *, environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self._environment = {
            **environment,
            "CDK_DISABLE_CLI_TELEMETRY": "1",
            "CDK_DISABLE_VERSION_CHECK": "1",
            "FORCE_COLOR": "0",
        }
        self._tell = tell

    def bootstrap(self, *, account: str, region: str, options: Sequence[str] = ()) -> None:
        """Bootstrap an account and Region. Raises AwsRefusedError with the reason that was printed."""
        self._run("bootstrap", f"aws://{account}/{region}", *options)

    def prepare(self, *, assembly: Path, stacks: Sequence[str], change_set: str, revert_drift: bool = False) -> None:
        """Create a change set of each stack, and execute none. A stack that does not exist is created for it, empty.

        ``revert_drift``: undo changes made outside the stacks too. Raises AwsRefusedError as :meth:`bootstrap`; change
        sets may exist all the same.
        """
        extra = (f"--change-set-name={change_set}", *(["--revert-drift"] if revert_drift else []))
        self._run("deploy", "--app", str(assembly), *_PREPARE, *extra, *stacks)

    def _run(self, *arguments: str) -> None:
        last: deque[str] = deque(maxlen=_REMEMBERED_LINES)

        def receive(line: str) -> None:
            plain = _COLOUR.sub("", line)
            last.append(plain)
            self._tell(plain)

        # In a folder of its own, so that a cdk.json in the user's current folder has no effect.
        with scratch_folder() as folder:
            try:
                code = run_child(
                    [*node_with_lifeline(cdk_command()), *arguments, *_QUIET],
                    folder=folder,
                    environment=self._environment,
                    what=f"the CDK command line (cdk {arguments[0]})",
                    tell=receive,
                )
            except SilentError as error:
                raise AwsRefusedError(
                    f"{error}, so it was ended",
                    hint="look at the network; CloudFormation continues what it has started, then run it again",
                ) from None
        if code:
            raise _refusal(arguments[0], last)


_COMPLAINT: Final = re.compile(r"\b(failed|FAILED|Error|error|denied|cannot|Could not|not authorized)\b")
_RESOURCE: Final = re.compile(r"\| \w+_FAILED +\| (?P<type>AWS::[\w:]+) +\| (?P<what>\S.*)$")
"""The event of a resource that failed, as the CDK prints it."""
_CANCELLED: Final = "cancelled"
"""In the events of resources that did not fail themselves."""


def _reason(lines: Sequence[str]) -> str:
    """Return the line of the output that explains the failure."""
    said = [line.strip() for line in lines if line.strip()]
    resources = (found for line in said if (found := _RESOURCE.search(line)) and _CANCELLED not in line)
    if failed := next((each for each in resources if each["type"] != "AWS::CloudFormation::Stack"), None):
        return failed["what"].rstrip(".")
    if complaint := next((line for line in reversed(said) if _COMPLAINT.search(line)), None):
        return complaint.lstrip("❌ ").rstrip(".")
    return said[-1] if said else "it said nothing"


def _refusal(verb: str, lines: Sequence[str]) -> AwsRefusedError:
    reason = _reason(lines)
    # CloudFormation's own reason may be with the resource that failed, above the CDK's last line.
    known = explained(reason) or explained("\n".join(line for line in lines if _COMPLAINT.search(line)))
    if known:
        return AwsRefusedError(f"cdk {verb} failed: {known.means} ({reason})", hint=known.hint)
    hint = "the lines above tell more; CloudFormation's console shows the stack's events"
    if "bootstrap" in "\n".join(lines):
        hint = "`pinekeep preflight` says which bootstrap the account and Region have, and what to do"
    return AwsRefusedError(f"cdk {verb} failed: {reason}", hint=hint)
