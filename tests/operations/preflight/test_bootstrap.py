import json
import os
from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.reads.live import Unreadable
from pinekeep.model.config import load
from pinekeep.model.facts import bootstrap
from pinekeep.operations.synthesis.toolchain import prepare_synth
from tests.operations.preflight.conftest import Scene
from tests.stacks.support import EXAMPLES

CLI = Path(__file__).parents[3] / "node_modules" / "aws-cdk"


def test_an_account_that_is_not_bootstrapped_stands_in_the_way(scene: Scene) -> None:
    bare = scene.when(bootstrap=None)
    assert bare.refusal("bootstrap-version") == "account 111122223333 is not bootstrapped in us-east-1"
    assert bare.finding("bootstrap-version").fix == "prepare it once: cdk bootstrap aws://111122223333/us-east-1"


def test_a_bootstrap_of_another_qualifier_is_found_and_never_undone(scene: Scene) -> None:
    other = scene.when(bootstrap=None, other_bootstraps=["platform"])
    assert other.refusal("bootstrap-version") == (
        "account 111122223333 is bootstrapped in us-east-1 with qualifier platform, not with hnb659fds"
    )
    assert other.finding("bootstrap-version").fix == (
        "write bootstrap: {qualifier: platform} in deployment prod, or at the top of the file for every deployment"
    )


def test_several_bootstraps_are_all_named(scene: Scene) -> None:
    found = scene.when(bootstrap=None, other_bootstraps=["platform", "team"]).finding("bootstrap-version")
    assert "with the qualifiers platform, team, not with hnb659fds" in found.found
    assert "cdk bootstrap" not in str(found.fix)


def test_without_the_permission_to_look_for_others_nobody_is_told_to_bootstrap_at_once(scene: Scene) -> None:
    closed = scene.when(bootstrap=None, other_bootstraps=Unreadable("ssm:GetParametersByPath", "allow it"))
    assert closed.refusal("bootstrap-version") == (
        "account 111122223333 has no /cdk-bootstrap/hnb659fds/version in us-east-1; whether it is bootstrapped with "
        "another qualifier could not be read (ssm:GetParametersByPath)"
    )
    assert str(closed.finding("bootstrap-version").fix).startswith("ask whoever set the account up")


def test_the_configured_qualifier_is_asked_for_and_named(scene: Scene) -> None:
    platform = scene.configured(bootstrap={"qualifier": "platform"})
    bare = platform.when(bootstrap=None, other_bootstraps=[])
    assert bare.finding("bootstrap-version").fix == (
        "prepare it once: cdk bootstrap --qualifier platform --toolkit-stack-name CDKToolkit-platform "
        "aws://111122223333/us-east-1"
    )
    old = platform.when(bootstrap="5").finding("bootstrap-version")
    assert "cdk bootstrap" not in str(old.fix), "with other options than before it would change what is there"


def test_a_version_parameter_of_its_own_that_is_not_there_stands_in_the_way(scene: Scene) -> None:
    own = scene.configured(bootstrap={"bootstrap_stack_version_ssm_parameter": "/company/${AWS::Region}/version"})
    assert own.when(bootstrap=None, other_bootstraps=[]).refusal("bootstrap-version") == (
        "account 111122223333 has no parameter /company/us-east-1/version in us-east-1"
    )


def test_nothing_is_said_of_roles_that_the_bootstrap_would_make(scene: Scene) -> None:
    bare = scene.when(bootstrap=None, caller_decisions=None, assumable=None, execution_decisions=None)
    assert not bare.of("deploy-permissions")
    assert not bare.of("execution-permissions")


def test_a_version_that_the_cdk_refuses_stands_in_the_way(scene: Scene) -> None:
    assert scene.when(bootstrap="5").refusal("bootstrap-version") == (
        "the bootstrap of account 111122223333 in us-east-1 has version 5, and the CDK command line needs 6"
    )


@pytest.mark.parametrize(
    ("version", "lacks"),
    [
        ("6", "there is no lookup role, so the deploy role reads in its place; the deploy role cannot undo"),
        ("8", "version 8: the deploy role cannot undo"),
        ("22", "version 22: the deploy role cannot undo"),
        ("latest", "the version is 'latest', which is no number"),
    ],
)
def test_what_an_old_version_lacks_is_noted(scene: Scene, version: str, lacks: str) -> None:
    old = scene.when(bootstrap=version)
    assert lacks in old.note("bootstrap-version")
    if version.isdecimal():
        assert str(old.finding("bootstrap-version").meaning).startswith("Deploying works")


def test_a_newer_version_is_fine(scene: Scene) -> None:
    assert scene.when(bootstrap="23").finding("bootstrap-version").status == "ok"


def test_the_versions_are_those_that_the_cloud_assembly_asks_for(tmp_path: Path) -> None:
    prepare_synth(os.environ)
    from stacks.build import add_stacks, new_app  # noqa: PLC0415 - aws_cdk starts Node, which must be chosen first

    (example,) = [each for each in EXAMPLES if each.stem == "quickstart"]
    app = new_app(outdir=str(tmp_path))
    add_stacks(app, load(example).deployments, pinecone_account="740000000001")
    app.synth()
    artifacts: dict[str, Any] = json.loads((tmp_path / "manifest.json").read_text())["artifacts"]
    stack = artifacts["Pinekeep-quickstart-Cmek"]["properties"]
    assert stack["requiresBootstrapStackVersion"] == bootstrap.VERSION_NEEDED
    assert stack["lookupRole"]["requiresBootstrapStackVersion"] == bootstrap.VERSION_WITH_LOOKUP_ROLE
    assert stack["lookupRole"]["bootstrapStackVersionSsmParameter"] == bootstrap.VERSION_PARAMETER
