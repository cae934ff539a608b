"""Findings of ``preflight`` and ``verify`` as text: one line each, and the fix under each that did not pass."""

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from pinekeep.cli.terminal import has_colour

if TYPE_CHECKING:  # the outputs take as long to import as the checks
    from pinekeep.model.output.verification import FindingOutput
    from pinekeep.operations.verification.checks.finding import Finding

MARKS: Final = {"ok": "✓", "note": "•", "failed": "✗", "unreadable": "?"}
PLAIN_MARKS: Final = {"ok": "ok  ", "note": "note", "failed": "FAIL", "unreadable": "??? "}
COLOURS: Final = {"ok": "32", "note": "36", "failed": "31", "unreadable": "33"}


def show_findings(
    findings: "Iterable[Finding | FindingOutput]", *, write: Callable[[str], None], details_of_passed: bool
) -> None:
    """Write the findings by deployment; those that passed with what was found where ``details_of_passed``."""
    deployment = None
    for finding in findings:
        if finding.deployment != deployment:
            deployment = finding.deployment
            write(deployment)
        write(_line(finding, details_of_passed=details_of_passed))
        if finding.status != "ok" and finding.meaning:
            write(f"      means: {finding.meaning}")
        if finding.status != "ok" and finding.fix:
            write(f"      {'what to do' if finding.status == 'note' else 'fix'}: {finding.fix}")


def counted(findings: "Iterable[Finding | FindingOutput]") -> dict[str, int]:
    """Return the number of findings of each status."""
    statuses: list[str] = [each.status for each in findings]
    return {status: statuses.count(status) for status in MARKS}


def mark_of(status: str) -> str:
    """Return a status as a mark in its colour, or as a word where stdout cannot encode the mark."""
    try:
        mark = MARKS[status]
        mark.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return PLAIN_MARKS[status]
    return f"\x1b[{COLOURS[status]}m{mark}\x1b[0m" if has_colour(sys.stdout) else mark


def _line(finding: "Finding | FindingOutput", *, details_of_passed: bool) -> str:
    line = f"  {mark_of(finding.status)} {finding.what}"
    if finding.status == "ok":
        return f"{line}: {finding.found}" if details_of_passed else line
    if finding.status == "note":
        return f"{line}: {finding.found}"
    wanted = f"; wanted {finding.wanted}" if finding.wanted else ""
    return f"{line}: found {finding.found}{wanted}"
