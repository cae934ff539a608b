"""Deployments of one shape are synthesized once, and their files are the same bytes as if each had been."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pinekeep.model.config import Configuration, load
from pinekeep.operations.synthesis import assembly
from pinekeep.operations.synthesis.expansion import LEAST, DifferentTemplatesError, witnesses
from pinekeep.operations.synthesis.shapes import ACCOUNT, Shape, shapes_of

ACCOUNTS = ("111122223333", "444455556666", "777788889999")


def key(number: int) -> dict[str, Any]:
    """Return a deployment with a key whose values depend on the number alone."""
    account = ACCOUNTS[number % 3]
    settings: dict[str, Any] = {
        "account": account,
        "region": "us-east-1",
        "permissions_boundary": f"arn:aws:iam::{account}:policy/boundary",
        "tags": {"owner": ["Ümlaut team", "a+b=c@d", "x"][number % 3], "cost": str(number * 1000)},
        "cmek": {
            "trust": {"regions": ["us-east-1"], "external_id": str(UUID(int=1 + number, version=4))},
            "role_name": f"pinecone-{'r' * (1 + number)}",
            "key": {"alias": f"team/{number}", "administrators": [f"arn:aws:iam::{account}:role/Admin"]},
        },
    }
    return settings


def link(number: int) -> dict[str, Any]:
    """Return a deployment with an endpoint; the order of its subnets' IDs depends on the number."""
    subnets = [f"subnet-{each:017x}" for each in (number, number + 100)]
    return {
        "account": ACCOUNTS[number % 3],
        "region": "eu-west-1",
        "private_link": {
            "vpc": {"id": f"vpc-{number:08x}", "subnet_ids": subnets[:: -1 if number % 2 else 1]},
            "clients": {"security_group_ids": [f"sg-{number:017x}", f"sg-{number + 7:017x}"]},
            "dns": "hosted-zone",
        },
    }


def watched(number: int) -> dict[str, Any]:
    """Return a deployment with a key and its monitoring, in us-east-1 and elsewhere."""
    settings = key(number)
    settings["region"] = "eu-west-1"
    settings["cmek"]["role_name"] = f"watched-{number}"
    settings["cmek"]["trust"]["external_id"] = str(UUID(int=100 + number, version=4))
    settings["cmek"]["key"]["alias"] = f"watched/{number}"
    settings["monitoring"] = {"emails": ["oncall@example.com"]}
    return settings


def written(folder: Path, deployments: Mapping[str, Any]) -> Configuration:
    path = folder / "pinekeep.yaml"
    path.write_text(json.dumps({"version": 1, "pinecone_account": "740000000001", "deployments": deployments}))
    return load(path)


@pytest.fixture
def mixed(tmp_path: Path) -> Configuration:
    """Return a file with deployments of several shapes, mixed, and one of a shape of its own."""
    found = {}
    for number in range(9):
        found[f"key-{'x' * number}{number}"] = key(number)
        found[f"link{number}"] = link(number)
        if number < 5:
            found[f"watched-{'w' * number}{number}"] = watched(number)
    alone = deepcopy(found["link3"])
    alone["private_link"]["dns"] = "none"
    return written(tmp_path, {**found, "shape-of-its-own": alone})


def files(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def no_shapes(*_: object, **__: object) -> list[Shape]:
    return []


@pytest.mark.process
def test_every_file_is_what_a_synthesis_of_every_stack_writes(
    mixed: Configuration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expanded: list[str] = []
    expand = assembly.expand

    def spy(folder: Path, shapes: Sequence[Shape], deployments: Mapping[str, Any]) -> None:
        expand(folder, shapes, deployments)
        expanded.extend(name for shape in shapes for name in shape.members if name not in witnesses(shape))

    monkeypatch.setattr(assembly, "expand", spy)
    names = assembly.synthesize(mixed, mixed.deployments, folder=tmp_path / "shapes")
    assert len(expanded) == 9 + 5 + 4 + 5 - 2 * 4
    monkeypatch.setattr(assembly, "shapes_of", no_shapes)
    assert assembly.synthesize(mixed, mixed.deployments, folder=tmp_path / "each") == names
    assert files(tmp_path / "shapes") == files(tmp_path / "each")
    assert len(names) == len(mixed.deployments) + 2 * 5  # monitoring has stacks in two Regions


@pytest.mark.process
def test_a_template_that_differs_has_every_stack_synthesized(
    mixed: Configuration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differ(*_: object) -> None:
        raise DifferentTemplatesError("x")

    keys = {name: each for name, each in mixed.deployments.items() if name.startswith("key")}
    assembly.synthesize(mixed, keys, folder=tmp_path / "shapes")
    monkeypatch.setattr("pinekeep.operations.synthesis.expansion._compare", differ)
    assembly.synthesize(mixed, keys, folder=tmp_path / "each")
    assert files(tmp_path / "each") == files(tmp_path / "shapes")


@pytest.mark.process
def test_a_value_that_a_template_does_not_repeat_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = written(tmp_path, {f"d{number}": key(number) for number in range(LEAST)})
    (shape,) = shapes_of(configuration.deployments, least=LEAST)
    wrong = replace(shape, members={name: {**each, ACCOUNT: "9" * 12} for name, each in shape.members.items()})
    monkeypatch.setattr(assembly, "shapes_of", lambda *_, **__: [wrong])
    assembly.synthesize(configuration, configuration.deployments, folder=tmp_path / "out")
    assert not any(b"9" * 12 in content for content in files(tmp_path / "out").values())


def test_few_deployments_of_a_shape_and_those_with_customers_are_synthesized_each(tmp_path: Path) -> None:
    few = {f"d{number}": key(number) for number in range(LEAST - 1)}
    customers = {f"c{number}": key(number) for number in range(LEAST)}
    for number, each in enumerate(customers.values()):
        each["cmek"]["role_name"] = f"customers-{number}"
        each["cmek"]["key"]["alias"] = f"customers/{number}"
        each["cmek"]["trust"]["external_id"] = str(UUID(int=50 + number, version=4))
        each["cmek"]["customer_keys"] = [{"name": f"acme-{number}", "account": "555566667777"}]
    assert not shapes_of(written(tmp_path, {**few, **customers}).deployments, least=LEAST)


def test_a_file_that_has_the_placeholder_is_not_divided(tmp_path: Path) -> None:
    deployments = {f"d{number}": key(number) for number in range(LEAST)}
    deployments["d0"]["tags"]["cost"] = ACCOUNT
    assert not shapes_of(written(tmp_path, deployments).deployments, least=LEAST)


def test_settings_that_no_template_depends_on_make_no_other_shape(tmp_path: Path) -> None:
    deployments = {f"d{number}": key(number) for number in range(LEAST)}
    deployments["d0"]["profile"] = "somebody"
    (shape,) = shapes_of(written(tmp_path, deployments).deployments, least=LEAST)
    assert list(shape.members) == list(deployments)
