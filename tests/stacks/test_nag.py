"""cdk-nag and the built-in template validation over every example: nothing is found that is not accepted."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cdk_nag
import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk import aws_s3 as s3

import pinekeep.constructs.acknowledgments
from pinekeep.constructs import (
    AuditBucket,
    AuditQueries,
    CustomerKeysAccess,
    EncryptionKey,
    InterfaceEndpoint,
    IsolatedVpc,
    PineconeRole,
    StorageRole,
)
from pinekeep.constructs.acknowledgments import ACCEPTED, COMPLIANCE_PACKS, Accepted
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.customers.packing import pack
from pinekeep.model.policies.permissions import account_keys_arn
from stacks.build import add_stacks
from stacks.cmek import CmekStack
from stacks.nag import PACKS, attach_nag
from stacks.private_link import PrivateLinkStack
from stacks.storage import StorageStack
from tests.stacks.support import (
    ACCOUNT,
    EXAMPLES,
    EXTERNAL_ID,
    NAME,
    NEW_VPC,
    PINECONE,
    REGION,
    cmek,
    deployment,
    example_app,
    new_scratch_app,
    private_link,
    scratch,
)

NAMES = [example.name for example in EXAMPLES]
PART_NAMES = {
    "Vpc": "IsolatedVpc",
    "CustomerKeys": "CustomerKeysAccess",
    "AuditRole": "StorageRole",
    "AuditLogs": "AuditBucket",
    "AuditQueries": "AuditQueries",
    "Integration": "StorageRole",
    "Alarms": "Alarms",
    "DeadLetters": "DeadLetterQueue",
}
"""The parts with accepted findings, by the beginning of their names in our stacks."""


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
    assert found == [], "mend it, or accept it in pinekeep/constructs/acknowledgments.py with a reason"


@cache
def findings_with_all_that_is_accepted() -> dict[str, list[dict[str, Any]]]:
    return findings(app_with_all_that_is_accepted())


def accepted_places(found: Mapping[str, list[dict[str, Any]]]) -> set[tuple[str, str, str]]:
    """Return the part's class, the path below it and the rule of all that was found and accepted."""
    places = set()
    for violation in found["suppressedViolations"]:
        _, _, path = violation["acknowledgedAt"].partition("/")
        part, _, below = path.partition("/")
        (name,) = (each for beginning, each in PART_NAMES.items() if part.startswith(beginning))
        places.add((name, below, violation["acknowledgedId"]))
    return places


def covers(accepted: Accepted, part: str, path: str, rule: str) -> bool:
    """Tell whether what was found at a place is what is accepted there."""
    rules = re.escape(accepted.rule).replace(re.escape("{pattern}"), r"arn:aws:(kms:\*:\d{12}:key|s3:::[a-z-]+)/.*\*")
    return (part, path) == (accepted.part, accepted.path) and re.fullmatch(rules, rule) is not None


@pytest.mark.parametrize("accepted", ACCEPTED, ids=lambda accepted: f"{accepted.rule} at {accepted.path}")
def test_what_is_accepted_is_still_found(accepted: Accepted) -> None:
    places = accepted_places(findings_with_all_that_is_accepted())
    assert any(covers(accepted, *place) for place in places), (
        f"{accepted.rule} is not found at {accepted.path} of {accepted.part} any more: "
        "take it out of pinekeep/constructs/acknowledgments.py"
    )


@pytest.mark.parametrize("accepted", ACCEPTED, ids=lambda accepted: f"{accepted.rule} at {accepted.path}")
def test_what_is_accepted_has_a_reason_that_says_something(accepted: Accepted) -> None:
    assert len(accepted.reason.split()) > 5


AUDIT_LOGS = {"bucket": {"name": "acme-pinecone-audit", "lock": "none"}, "queries": dict[str, int]()}
"""A bucket without retention: with one, a finding less is accepted."""
PATTERNS = {"CustomerKeysAccess": account_keys_arn("444455556666"), "StorageRole": "arn:aws:s3:::acme-pinecone-audit/*"}


def app_with_all_that_is_accepted() -> App:
    app = new_scratch_app()
    customers = [{"name": "acme", "account": "444455556666"}]
    settings = deployment(
        cmek=cmek(customer_keys=customers),
        private_link=private_link(vpc=NEW_VPC),
        audit_logs=AUDIT_LOGS,
        monitoring={"emails": ["ops@example.com"]},
    )
    packing = pack(customer_keys_of(settings))
    adopting = deployment(audit_logs={"bucket": {"adopt": "acme-pinecone-audit"}, "queries": {}})
    add_stacks(app, {NAME: settings, "adopting": adopting}, pinecone_account=PINECONE, customers={NAME: packing})
    return app


@pytest.mark.parametrize("reason", dict.fromkeys(accepted.reason for accepted in ACCEPTED))
def test_without_its_acknowledgment_a_finding_stands(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One synthesis for all findings that are accepted for the same reason: each takes a second."""
    missing = [each for each in ACCEPTED if each.reason == reason]
    kept = tuple(each for each in ACCEPTED if each.reason != reason)
    monkeypatch.setattr(pinekeep.constructs.acknowledgments, "ACCEPTED", kept)
    found = findings(app_with_all_that_is_accepted())["violations"]
    assert {f"{violation['plugin'].replace(' ', '-')}::{violation['ruleName']}" for violation in found} == {
        each.rule.replace("{pattern}", PATTERNS.get(each.part, "")) for each in missing
    }


def test_a_finding_that_nobody_accepted_fails_the_synth() -> None:
    app = new_scratch_app()
    s3.CfnBucket(Stack(app, "Careless"), "Bucket")
    attach_nag(app)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()


def test_every_pack_of_cdk_nag_is_attached() -> None:
    offered = {name for name in dir(cdk_nag) if name.endswith("Checks")}
    assert {pack.__name__ for pack in PACKS} == offered
    app = new_scratch_app()
    s3.CfnBucket(Stack(app, "Careless"), "Bucket")
    found = {violation["plugin"] for violation in findings(app)["violations"]}
    assert {"AwsSolutions", *COMPLIANCE_PACKS} <= found


# --- In an application of somebody else's, which attaches the packs itself ---


def foreign_app(make: Callable[[App], object]) -> App:
    app = App(outdir=str(scratch()))
    make(app)
    return app


def our_stacks(app: App) -> None:
    customers = [{"name": "acme", "account": "444455556666"}]
    settings = deployment(
        cmek=cmek(customer_keys=customers),
        private_link=private_link(vpc=NEW_VPC),
        audit_logs=AUDIT_LOGS,
        monitoring={"emails": ["ops@example.com"]},
    )
    environment = Environment(account=ACCOUNT, region=REGION)
    CmekStack(
        app,
        "Theirs-Cmek",
        name=NAME,
        deployment=settings,
        pinecone_account=PINECONE,
        customers=pack(customer_keys_of(settings)),
        env=environment,
    )
    PrivateLinkStack(app, "Theirs-PrivateLink", name=NAME, deployment=settings, env=environment)
    StorageStack(app, "Theirs-Storage", name=NAME, deployment=settings, env=environment)


def our_parts(app: App) -> None:
    stack = Stack(app, "Theirs", env=Environment(account=ACCOUNT, region=REGION))
    vpc = IsolatedVpc(stack, "Network", cidr="10.20.0.0/16", availability_zones=["us-east-1a", "us-east-1b"])
    InterfaceEndpoint(
        stack,
        "Way",
        region=REGION,
        vpc_id=vpc.vpc_id,
        subnet_ids=vpc.subnet_ids,
        client_cidrs=["10.20.0.0/16"],
        private_dns=True,
    )
    role = PineconeRole(
        stack,
        "Role",
        role_name="pinecone-search",
        pinecone_account=PINECONE,
        regions=[REGION],
        external_id=EXTERNAL_ID,
    )
    EncryptionKey(stack, "Key", key_user=role.role_arn, alias="alias/pinecone/search")
    CustomerKeysAccess(
        stack,
        "Theirs",
        role_name="pinecone-search",
        policies=[[account_keys_arn("444455556666")]],
        policy_name="pinecone-search-customers",
    )
    writer = StorageRole(stack, "Writer", use="audit", bucket="acme-pinecone-audit", prefix="search")
    AuditBucket(stack, "Audit", name="acme-pinecone-audit", writer=writer)
    AuditQueries(stack, "Queries", bucket_name="acme-pinecone-audit", name="pinekeep-search-audit")


@pytest.mark.parametrize("make", [our_stacks, our_parts])
def test_in_an_app_of_somebody_elses_every_pack_passes(make: Callable[[App], object]) -> None:
    app = foreign_app(make)
    Validations.of(app).add_plugins(*(each() for each in PACKS))
    try:
        app.synth()
    except RuntimeError as error:
        assert "ValidationFailed" in str(error)
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text())
    found = [
        told({**violation, "plugin": plugin["pluginName"]})
        for plugin in report["pluginReports"]
        for violation in plugin.get("violations", [])
    ]
    assert found == []


def test_a_template_that_cloudformation_would_refuse_fails_the_synth_without_cdk_nag() -> None:
    app = new_scratch_app()
    bucket = s3.CfnBucket(Stack(app, "Wrong"), "Bucket")
    bucket.add_property_override("BuketName", "typo")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
