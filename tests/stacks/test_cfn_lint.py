"""cfn-lint over every example's templates, with its informational and experimental rules."""

import json
from functools import cache

import pytest
from cfnlint.config import ConfigMixIn
from cfnlint.decode import decode_str
from cfnlint.runner import Runner

from tests.stacks.support import Made, example_stacks, example_templates, make_private_link

IGNORED = {
    "W3010": "The zones are named in the configuration, so that nothing is looked up at synth "
    "(pinekeep/constructs/acknowledgments.py accepts the same rule of the built-in validation).",
    "I1022": "The CDK joins what a pattern has before or after a reference.",
    "I4010": "What a template is for stands in its Description and in the docs, not in a Metadata block of its own.",
}
"""The rules that are not heeded, each with its reason."""

UNKNOWN_TO_IT = "{'Fn::GetStackOutput': "
"""cfn-lint 1.58.0 knows this function, but takes its value for an object where a string is joined or split."""


@cache
def linter() -> Runner:
    """Return cfn-lint with its rules loaded, which takes longer than to apply them."""
    return Runner(ConfigMixIn(include_checks=["I"], include_experimental=True, regions=["us-east-1"]))


def findings(made: Made) -> list[str]:
    template, errors = decode_str(json.dumps(made.template))
    matches = errors or linter().validate_template(template or {})
    found = [f"{match.rule.id}: {match.message}" for match in matches]
    return [each for each in found if not each.startswith((f"E1017: {UNKNOWN_TO_IT}", f"E1022: {UNKNOWN_TO_IT}"))]


@cache
def example_findings(example: str, stack: str) -> list[str]:
    return findings(example_templates(example)[stack])


@pytest.mark.parametrize(("example", "stack"), example_stacks())
def test_nothing_is_found(example: str, stack: str) -> None:
    found = example_findings(example, stack)
    assert [finding for finding in found if finding.partition(":")[0] not in IGNORED] == []


@pytest.mark.parametrize("rule", IGNORED)
def test_what_is_not_heeded_is_still_found_in_some_example(rule: str) -> None:
    found = [finding for names in example_stacks() for finding in example_findings(*names)]
    assert any(finding.startswith(f"{rule}:") for finding in found), f"take {rule} out of IGNORED"


def test_a_wrong_template_is_found() -> None:
    made = make_private_link()
    made.template["Resources"]["Endpoint"]["Properties"]["VpcEndpointType"] = "Inside"
    assert any(finding.startswith("E3030") for finding in findings(made))
