"""cdk-nag and the built-in template validation over every example: nothing is found that is not accepted."""

import json
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3

import stacks.acknowledgments
from pinekeep.config.derived import customer_keys_of
from pinekeep.customers.packing import pack
from pinekeep.policies.permissions import account_keys_arn
from stacks.acknowledgments import ACCEPTED, Accepted
from stacks.build import add_stacks
from stacks.nag import attach_nag
from tests.stacks.support import (
    EXAMPLES,
    NAME,
    NEW_VPC,
    PINECONE,
    cmek,
    deployment,
    example_app,
    new_scratch_app,
    private_link,
)

NAMES = [example.name for example in EXAMPLES]
STACK_CLASSES = {"Cmek": "CmekStack", "PrivateLink": "PrivateLinkStack"}


def findings(app: App) -> dict[str, list[dict[str, Any]]]:
    """Synthesize with cdk-nag and return what was found: by itself and accepted, warnings and errors alike."""
    attach_nag(app)
    try:
        app.synth()
    except RuntimeError as error:
        assert "ValidationFailed" in str(error)
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text())
    return {
        kind: [
            {**violation, "plugin": plugin["pluginName"]}
            for plugin in report["pluginReports"]
            for violation in plugin.get(kind, [])
        ]
        for kind in ("violations", "suppressedViolations")
    }


@cache
def example_findings(example: str) -> dict[str, list[dict[str, Any]]]:
    return findings(example_app(example))


def told(violation: dict[str, Any]) -> str:
    places = ", ".join(construct["constructPath"] for construct in violation["violatingConstructs"])
    return f"{violation['plugin']}: {violation['ruleName']} at {places}: {violation['description']}"


@pytest.mark.parametrize("example", NAMES)
def test_nothing_is_found_in_an_example_that_is_not_accepted(example: str) -> None:
    found = [told(violation) for violation in example_findings(example)["violations"]]
    assert found == [], "mend it, or accept it in stacks/acknowledgments.py with a reason"


def accepted_places(example: str) -> set[tuple[str, str, str]]:
    """Return class of stack, path below the stack and rule of all that was found and accepted in an example."""
    places = set()
    for violation in example_findings(example)["suppressedViolations"]:
        stack, _, path = violation["acknowledgedAt"].partition("/")
        places.add((STACK_CLASSES[stack.rpartition("-")[2]], path, violation["acknowledgedId"]))
    return places


def covers(accepted: Accepted, stack_class: str, path: str, rule: str) -> bool:
    """Tell whether what was found at a place is what is accepted there."""
    rules = re.escape(accepted.rule).replace(re.escape("{pattern}"), r"arn:aws:kms:\*:\d{12}:key/\*")
    return (
        stack_class == accepted.stack_class
        and fnmatchcase(path, accepted.path)
        and re.fullmatch(rules, rule) is not None
    )


@pytest.mark.parametrize("accepted", ACCEPTED, ids=lambda accepted: f"{accepted.rule} at {accepted.path}")
def test_what_is_accepted_is_still_found_in_some_example(accepted: Accepted) -> None:
    places = set().union(*map(accepted_places, NAMES))
    assert any(covers(accepted, *place) for place in places), (
        f"{accepted.rule} is not found at {accepted.path} of {accepted.stack_class} in any example any more: "
        "take it out of stacks/acknowledgments.py"
    )


@pytest.mark.parametrize("accepted", ACCEPTED, ids=lambda accepted: f"{accepted.rule} at {accepted.path}")
def test_what_is_accepted_has_a_reason_that_says_something(accepted: Accepted) -> None:
    assert len(accepted.reason.split()) > 5


def app_with_all_that_is_accepted() -> App:
    app = new_scratch_app()
    customers = [{"name": "acme", "account": "444455556666"}]
    settings = deployment(cmek=cmek(customer_keys=customers), private_link=private_link(vpc=NEW_VPC))
    packing = pack(customer_keys_of(settings))
    add_stacks(app, {NAME: settings}, pinecone_account=PINECONE, customers={NAME: packing})
    return app


@pytest.mark.parametrize("missing", ACCEPTED, ids=lambda accepted: accepted.rule)
def test_without_its_acknowledgment_a_finding_stands(missing: Accepted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks.acknowledgments, "ACCEPTED", tuple(each for each in ACCEPTED if each != missing))
    found = findings(app_with_all_that_is_accepted())["violations"]
    assert {f"{violation['plugin'].replace(' ', '-')}::{violation['ruleName']}" for violation in found} == {
        missing.rule.replace("{pattern}", account_keys_arn("444455556666"))
    }


def test_a_finding_that_nobody_accepted_fails_the_synth() -> None:
    app = new_scratch_app()
    s3.CfnBucket(Stack(app, "Careless"), "Bucket")
    attach_nag(app)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()


def test_both_packs_are_attached() -> None:
    app = new_scratch_app()
    s3.CfnBucket(Stack(app, "Careless"), "Bucket")
    found = {violation["plugin"] for violation in findings(app)["violations"]}
    assert {"AwsSolutions", "NIST.800.53.R5"} <= found


def test_a_template_that_cloudformation_would_refuse_fails_the_synth_without_cdk_nag() -> None:
    app = new_scratch_app()
    bucket = s3.CfnBucket(Stack(app, "Wrong"), "Bucket")
    bucket.add_property_override("BuketName", "typo")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
