"""Every call to AWS that stands in the code is declared, also in places that no test reaches."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name

import pinekeep
from pinekeep.account.reads.permissions import ALSO_PERMISSIONS, DRIFT_PERMISSIONS, PERMISSIONS
from pinekeep.cli.root import VERBS as ALL_VERBS
from pinekeep.decisions.privileges.association import IN_CLIENT_ACCOUNTS
from pinekeep.decisions.privileges.verbs import (
    DRY_RUNS,
    NO_AWS,
    NO_PERMISSION_NEEDED,
    TRIED,
    VERBS,
    actions_of,
)
from pinekeep.operations.preflight.inventory import PERMISSIONS as BEFORE_A_DEPLOYMENT
from pinekeep.operations.verification.verify import ALSO
from tests.decisions.privileges.support import AS_THE_DEPLOY_ROLE

CODE = Path(pinekeep.__file__).parent
WITHOUT_A_CUSTOMERS_ACCOUNT = ("emulator", "operations/demonstration")
"""Folders whose calls go to the AWS that runs on this machine."""
OTHER_NAMES = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:DeleteObject": "s3:DeleteObjectVersion",
    "s3:HeadObject": "s3:GetObject",
}
"""Calls whose permission has another name."""
NOT_AWS = {"list_commands": "a method of click's groups"}
"""Methods that are named like a call to AWS."""
DECLARED = {
    *(action for grants in VERBS.values() for action in actions_of(grants)),
    *actions_of(IN_CLIENT_ACCOUNTS),
    *(action for actions in AS_THE_DEPLOY_ROLE.values() for action in actions),
    *NO_PERMISSION_NEEDED,
    *TRIED,
}


SOURCES = [
    name
    for name in sorted(path.relative_to(CODE).as_posix() for path in CODE.rglob("*.py"))
    if not name.startswith(WITHOUT_A_CUSTOMERS_ACCOUNT)
]


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse((CODE / name).read_text())


def services_in(tree: ast.Module) -> set[str]:
    """Return the services whose clients are made: the arguments of every ``client("…")``."""
    return {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", None) == "client"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


@cache
def operations(service: str) -> dict[str, str]:
    """Return a service's calls by their Python names, each as the IAM action that it needs."""
    session: Any = boto3.Session()
    model = session.client(service, region_name="us-east-1").meta.service_model
    prefix = {"monitoring": "cloudwatch"}.get(model.signing_name, model.signing_name)  # where IAM has another name
    return {xform_name(name): f"{prefix}:{name}" for name in model.operation_names}


def calls_in(tree: ast.Module, services: set[str]) -> Iterator[set[str]]:
    """Yield, for each method that is named like a call to AWS, the actions that it may need."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr not in NOT_AWS:
            found = {operations(service)[node.attr] for service in services if node.attr in operations(service)}
            if found:
                yield {OTHER_NAMES.get(each, each) for each in found}


@cache
def all_services() -> set[str]:
    """Return the services of the whole code."""
    return {service for name in SOURCES for service in services_in(tree_of(name))}


def test_the_services_that_the_code_names_are_found() -> None:
    assert {"cloudformation", "ssm", "sts"} <= all_services()


@pytest.mark.parametrize("name", SOURCES)
def test_every_call_in_the_code_is_declared_with_its_permission(name: str) -> None:
    undeclared = [actions for actions in calls_in(tree_of(name), all_services()) if not actions & DECLARED]
    assert undeclared == [], f"pinekeep/{name} calls AWS; add the permission to pinekeep/decisions/privileges/verbs.py"


def test_every_read_of_a_verification_is_in_its_policy() -> None:
    assert actions_of(VERBS["verify"]) >= set(PERMISSIONS.values())
    assert actions_of(VERBS["verify"]) >= {each for also in ALSO for each in ALSO_PERMISSIONS[also]}
    assert actions_of(VERBS["verify"]) >= set(DRIFT_PERMISSIONS)


def test_every_read_before_a_deployment_is_in_its_policy() -> None:
    read = {each for permissions in BEFORE_A_DEPLOYMENT.values() for each in permissions}
    assert read - set(DRY_RUNS) == actions_of(VERBS["preflight"])
    assert actions_of(VERBS["preflight"]) <= actions_of(VERBS["deploy"])
    assert set(DRY_RUNS) <= read


def test_every_verb_is_said_to_call_aws_or_not() -> None:
    known = {*VERBS, *NO_AWS}
    assert set(ALL_VERBS) - known == set()
    assert set(VERBS) & set(NO_AWS) == set()
