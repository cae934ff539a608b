import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from pinekeep.model.naming import Output
from stacks.build import add_stacks
from tests.stacks.support import (
    ACCOUNT,
    NAME,
    NEW_VPC,
    PINECONE,
    PROJECT,
    REGION,
    Made,
    cmek,
    deployment,
    example_templates,
    make,
    new_scratch_app,
    private_link,
)

TAGS = {"team": "search", "cost centre": "42"}
NO_TAGS_POSSIBLE = {
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::IAM::ManagedPolicy",  # CloudFormation has no tags for it, though IAM has
    "AWS::KMS::Alias",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
}
AUDIT_LOGS = {"bucket": {"name": "acme-pinecone-audit", "lock": "none"}}


@pytest.fixture(scope="module")
def everything() -> dict[str, Made]:
    """The stacks with all that they can hold, and a second deployment beside them."""
    return make(
        {
            NAME: deployment(
                tags=TAGS,
                cmek=cmek(),
                private_link=private_link(vpc=NEW_VPC, dns="hosted-zone", standby=2),
                audit_logs=AUDIT_LOGS,
            ),
            "other": deployment(region="eu-west-1", cmek=cmek()),
            "endpoint-only": deployment(region="us-west-2", private_link=private_link()),
        }
    )


def test_the_stacks_are_named_after_their_deployments(everything: dict[str, Made]) -> None:
    assert list(everything) == [
        "Pinekeep-endpoint-only-PrivateLink",
        "Pinekeep-other-Cmek",
        "Pinekeep-search-prod-Cmek",
        "Pinekeep-search-prod-PrivateLink",
        "Pinekeep-search-prod-Storage",
    ]


def test_all_that_takes_tags_has_them(everything: dict[str, Made]) -> None:
    wanted = {**TAGS, "pinekeep:deployment": NAME}
    tagged: dict[str, Any] = {}
    for stack in ("Cmek", "PrivateLink", "Storage"):
        for name, resource in everything[f"Pinekeep-{NAME}-{stack}"].resources.items():
            if resource["Type"] in NO_TAGS_POSSIBLE:
                continue
            properties = resource["Properties"]
            tags = properties.get("Tags") or properties.get("HostedZoneTags") or []
            tagged[name] = {tag["Key"]: tag["Value"] for tag in tags if tag["Key"] != "Name"}
    assert tagged == dict.fromkeys(tagged, wanted)
    assert {"PineconeRole", "EncryptionKey", "Endpoint", "AuditBucket", "AccessLogs", "AuditRole"} <= tagged.keys()


def test_no_tag_reaches_another_deployment(everything: dict[str, Made]) -> None:
    assert everything["Pinekeep-other-Cmek"].only("AWS::KMS::Key")["Tags"] == [
        {"Key": "pinekeep:deployment", "Value": "other"}
    ]


def test_the_outputs_have_the_agreed_names_everywhere(everything: dict[str, Made]) -> None:
    names = {name for made in everything.values() for name in made.outputs}
    for link in (
        private_link(dns="profile", dns_bridge=True),
        private_link(dns="resolver-inbound", resolver={"client_cidrs": ["192.168.0.0/24"]}),
    ):
        (made,) = make({"other-dns": deployment(private_link=link)}).values()
        names |= set(made.outputs)
    for example in ("audit-logs.yaml", "monitoring.yaml"):
        names |= {name for made in example_templates(example).values() for name in made.outputs}
    names = {name for name in names if not name.startswith("Integration")}  # each has the name of its integration
    assert names == {str(output) for output in Output}


def artifacts(app: App) -> dict[str, Any]:
    return dict(json.loads((Path(app.synth().directory) / "manifest.json").read_text())["artifacts"])


def test_each_stack_has_its_account_region_tags_and_protection() -> None:
    app = new_scratch_app()
    add_stacks(
        app,
        {NAME: deployment(tags=TAGS, cmek=cmek(), private_link=private_link(), audit_logs=AUDIT_LOGS)},
        pinecone_account=PINECONE,
    )
    made = artifacts(app)
    for stack, protected in (("Cmek", True), ("PrivateLink", False), ("Storage", True)):
        artifact = made[f"Pinekeep-{NAME}-{stack}"]
        assert artifact["environment"] == f"aws://{ACCOUNT}/{REGION}"
        assert artifact["properties"]["tags"] == {**TAGS, "pinekeep:deployment": NAME}
        assert artifact["properties"].get("terminationProtection") is protected


def test_no_stack_needs_another_to_be_deployed_first() -> None:
    """So that either may be deployed, destroyed or put into another account without the other."""
    app = new_scratch_app()
    settings = deployment(cmek=cmek(), private_link=private_link(), audit_logs=AUDIT_LOGS)
    add_stacks(app, {NAME: settings}, pinecone_account=PINECONE)
    made = artifacts(app)
    for name in (f"Pinekeep-{NAME}-{stack}" for stack in ("Cmek", "PrivateLink", "Storage")):
        assert made[name]["dependencies"] == [f"{name}.assets"]


def test_the_app_has_the_feature_flags_of_cdk_json() -> None:
    """A bare App() does not read cdk.json: without this, tests would hold other templates than the CLI makes."""
    app = new_scratch_app()
    context = json.loads((PROJECT / "cdk.json").read_text())["context"]
    assert {flag: app.node.try_get_context(flag) for flag in context} == context


def test_wrong_templates_are_errors() -> None:
    app = new_scratch_app()
    assert app.node.try_get_context("@aws-cdk/core:validateAgainstDefaultRules") is True
