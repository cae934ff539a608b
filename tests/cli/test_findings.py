"""How findings are shown: what is so, what it means, what to do."""

from pinekeep.cli.findings import show_findings
from pinekeep.model.output.verification import FindingOutput, VerifyOutput


def finding(status: str, **more: str) -> FindingOutput:
    return FindingOutput.model_validate(
        {
            "check": "key-state",
            "deployment": "prod",
            "what": "State of the key",
            "status": status,
            "found": "Disabled",
            "wanted": "Enabled",
            "fix": None,
            **more,
        }
    )


def shown(*findings: FindingOutput, details_of_passed: bool = False) -> list[str]:
    lines: list[str] = []
    output = VerifyOutput(passed=False, findings=list(findings))
    show_findings(output.findings, write=lines.append, details_of_passed=details_of_passed)
    return lines


def test_a_failure_says_what_was_found_then_what_it_means_then_what_to_do() -> None:
    assert shown(finding("failed", meaning="Pinecone cannot decrypt.", fix="enable it")) == [
        "prod",
        "  ✗ State of the key: found Disabled; wanted Enabled",
        "      means: Pinecone cannot decrypt.",
        "      fix: enable it",
    ]


def test_what_passed_takes_one_line_whatever_else_is_known_of_it() -> None:
    right = finding("ok", meaning="nothing", fix="nothing")
    assert shown(right) == ["prod", "  ✓ State of the key"]
    assert shown(right, details_of_passed=True) == ["prod", "  ✓ State of the key: Disabled"]


def test_a_note_says_what_to_do_and_nothing_of_what_is_wanted() -> None:
    assert shown(finding("note", fix="look at it")) == [
        "prod",
        "  • State of the key: Disabled",
        "      what to do: look at it",
    ]
