"""The templates of any configuration say what the policy functions say. Few examples: each is a synth."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.template import template_policies
from pinekeep.model.config import Configuration
from pinekeep.model.naming import cmek_stack
from stacks.build import add_stacks
from tests.properties.configurations import Data, configurations
from tests.properties.loaded import loaded, policy_sets
from tests.properties.settings import tried
from tests.stacks.support import Made, contents, new_scratch_app, read_assembly

SYNTHS = 5


@dataclass(frozen=True)
class Synth:
    """What comes of a configuration."""

    configuration: Configuration
    folder: Path

    @property
    def templates(self) -> dict[str, Made]:
        return read_assembly(self.folder)


def synthesized(configuration: Configuration) -> Synth:
    app = new_scratch_app()
    add_stacks(
        app,
        configuration.deployments,
        pinecone_account=configuration.content.pinecone_account,
        customers=configuration.rosters.packings,
    )
    return Synth(configuration, Path(app.synth().directory))


@cache
def drawn() -> tuple[Synth, ...]:
    """Return the synths of some configurations, the same ones for every test."""
    found: list[Synth] = []

    @tried(SYNTHS)
    @given(configurations(everything=True))
    def keep(data: Data) -> None:
        if len(found) < SYNTHS:
            found.append(synthesized(loaded(data)))

    keep()
    return tuple(found)


@pytest.fixture(params=range(SYNTHS))
def synth(request: pytest.FixtureRequest) -> Synth:
    number: int = request.param
    return drawn()[number]


def cmek_templates(synth: Synth) -> Iterator[tuple[str, Made]]:
    templates = synth.templates
    for name, deployment in synth.configuration.deployments.items():
        if deployment.cmek is not None:
            yield name, templates[cmek_stack(name)]


def test_logical_ids_of_key_and_role_depend_on_nothing(synth: Synth) -> None:
    for name, made in cmek_templates(synth):
        cmek = synth.configuration.deployments[name].cmek
        assert cmek is not None
        makes_a_key = cmek.has_own_key and cmek.key.adopt is None
        assert list(made.of_type("AWS::IAM::Role")) == ["PineconeRole"]
        assert list(made.of_type("AWS::KMS::Key")) == (["EncryptionKey"] if makes_a_key else [])
        assert list(made.of_type("AWS::KMS::Alias")) == (["EncryptionKeyAlias"] if makes_a_key else [])


def test_the_templates_hold_the_policies_of_the_functions(synth: Synth) -> None:
    configuration = synth.configuration
    templates = dict(cmek_templates(synth))
    for name, deployment, wanted in policy_sets(configuration):
        found = template_policies(
            templates[name].template,
            name=name,
            deployment=deployment,
            pinecone_account=str(configuration.content.pinecone_account),
        )
        assert trusts(found) == trusts(wanted)
        assert permissions(found) == permissions(wanted)
        assert deployment.cmek is not None
        if deployment.cmek.key.adopt is None and deployment.cmek.has_own_key:
            assert found.keys[0].document == wanted.keys[0].document


def trusts(policies: PolicySet) -> Mapping[str, Any]:
    return {role.arn: role.trust for role in policies.roles}


def permissions(policies: PolicySet) -> Mapping[str, Any]:
    """Return what each role may do; a policy that names nothing is not made."""
    return {
        role.arn: [
            each.document for each in role.permissions if each.document and each.document["Statement"][0]["Resource"]
        ]
        for role in policies.roles
    }


def test_key_and_role_outlive_their_stack(synth: Synth) -> None:
    for _, made in cmek_templates(synth):
        for kind in ("AWS::IAM::Role", "AWS::KMS::Key", "AWS::KMS::Alias"):
            for resource in made.of_type(kind).values():
                assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
                assert resource["UpdateReplacePolicy"] == "Retain"


def test_equal_configurations_give_equal_bytes(synth: Synth) -> None:
    assert contents(synthesized(synth.configuration).folder) == contents(synth.folder)


def test_everyone_is_let_in_nowhere_without_the_condition_on_who_they_are(synth: Synth) -> None:
    for made in synth.templates.values():
        for resource in made.resources.values():
            for statement in statements(resource):
                if statement["Effect"] == "Allow" and "*" in json.dumps(statement.get("Principal", "")):
                    assert "aws:PrincipalArn" in statement["Condition"]["StringLike"]


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the statements of all policies in a resource."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for each in value.values():
            yield from statements(each)
    elif isinstance(value, list):
        for each in value:
            yield from statements(each)
