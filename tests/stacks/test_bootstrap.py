"""The bootstrap that the stacks go through: the file's, else the context's, else the CDK's default."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stacks.build import add_stacks, new_app
from tests.properties.loaded import load_text
from tests.stacks.support import APP, PROJECT

FILE: dict[str, Any] = {
    "version": 1,
    "pinecone_account": "740000000001",
    "deployments": {
        "west": {
            "account": "111122223333",
            "region": "us-west-2",
            "cmek": {"trust": {"regions": ["us-west-2"], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}},
        }
    },
}


def stack(folder: Path, **settings: Any) -> dict[str, Any]:
    """Return the stack as the cloud assembly has it, with its template's parameters."""
    configuration = load_text(json.dumps({**FILE, **settings}))
    app = new_app(outdir=str(folder))
    add_stacks(app, configuration.deployments, pinecone_account=configuration.content.pinecone_account)
    app.synth()
    artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
    template = json.loads((folder / "Pinekeep-west-Cmek.template.json").read_text())
    assets = json.loads((folder / "Pinekeep-west-Cmek.assets.json").read_text())["files"]
    (destination,) = [each for file in assets.values() for each in file["destinations"].values()]
    return {
        **artifacts["Pinekeep-west-Cmek"]["properties"],
        "version": template["Parameters"]["BootstrapVersion"]["Default"],
        "destination": destination,
    }


def test_a_qualifier_of_the_file_names_roles_bucket_and_version(tmp_path: Path) -> None:
    made = stack(tmp_path, bootstrap={"qualifier": "platform"})
    assert made["assumeRoleArn"].endswith(":role/cdk-platform-deploy-role-111122223333-us-west-2")
    assert made["cloudFormationExecutionRoleArn"].endswith(":role/cdk-platform-cfn-exec-role-111122223333-us-west-2")
    assert made["lookupRole"]["arn"].endswith(":role/cdk-platform-lookup-role-111122223333-us-west-2")
    assert made["destination"]["bucketName"] == "cdk-platform-assets-111122223333-us-west-2"
    assert made["version"] == "/cdk-bootstrap/platform/version"


def test_each_thing_can_be_named(tmp_path: Path) -> None:
    role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk/"
    made = stack(
        tmp_path,
        bootstrap={
            "deploy_role_arn": f"{role}deploy-${{AWS::Region}}",
            "execution_role_arn": f"{role}cloudformation",
            "file_publishing_role_arn": f"{role}publish",
            "lookup_role_arn": f"{role}${{Qualifier}}-lookup",
            "file_assets_bucket": "templates-${AWS::AccountId}",
            "bootstrap_stack_version_ssm_parameter": "/company/${AWS::Region}/${Qualifier}",
        },
    )
    named = "arn:aws:iam::111122223333:role/cdk/"
    assert made["assumeRoleArn"] == f"{named}deploy-us-west-2"
    assert made["cloudFormationExecutionRoleArn"] == f"{named}cloudformation"
    assert made["destination"]["assumeRoleArn"] == f"{named}publish"
    assert made["lookupRole"]["arn"] == f"{named}hnb659fds-lookup"
    assert made["destination"]["bucketName"] == "templates-111122223333"
    assert made["version"] == made["bootstrapStackVersionSsmParameter"] == "/company/us-west-2/hnb659fds"


@pytest.mark.parametrize(
    ("settings", "qualifier"),
    [
        ({"bootstrap": {"lookup_role_arn": "arn:aws:iam::${AWS::AccountId}:role/lookup"}}, "context"),
        ({"bootstrap": {"qualifier": "file"}}, "file"),
    ],
)
def test_the_context_of_cdk_deploy_names_the_qualifier_where_the_file_does_not(
    tmp_path: Path, settings: dict[str, Any], qualifier: str
) -> None:
    file = tmp_path / "pinekeep.yaml"
    file.write_text(json.dumps({**FILE, **settings}))
    context = {"config": str(file), "@aws-cdk/core:bootstrapQualifier": "context"}
    # As the CDK command line runs the app for `cdk deploy -c @aws-cdk/core:bootstrapQualifier=context`.
    environment = {**os.environ, "CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(tmp_path / "cdk.out")}
    subprocess.run(APP, env={**environment, "PYTHONPATH": str(PROJECT)}, check=True, capture_output=True)
    manifest = json.loads((tmp_path / "cdk.out" / "manifest.json").read_text())
    made = manifest["artifacts"]["Pinekeep-west-Cmek"]["properties"]
    assert f"cdk-{qualifier}-deploy-role" in made["assumeRoleArn"]
    assert made["bootstrapStackVersionSsmParameter"] == f"/cdk-bootstrap/{qualifier}/version"
