"""The policies that are known without a synth decide what the templates' own decide."""

from typing import Any

import pytest

from pinekeep.decisions.access.configured import configured_policies, customer_key_policies
from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.storage import configured_storage_policies
from pinekeep.decisions.access.table import decision_table
from pinekeep.decisions.access.template import template_policies
from pinekeep.model import naming
from pinekeep.model.config import Configuration, load
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.customers.packing import pack
from pinekeep.model.policies.key import key_policy
from pinekeep.operations.access.planned_storage import planned_storage_policies
from tests.stacks.support import EXAMPLES, PROJECT, cmek, deployment, example_templates, make, scratch

EXISTING_KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"


def cases() -> list[tuple[str, str]]:
    return [
        (example.name, name)
        for example in EXAMPLES
        for name, each in load(example).deployments.items()
        if each.cmek is not None
    ]


def both(configuration: Configuration, example: str, name: str) -> tuple[PolicySet, PolicySet]:
    """The policies of the template, and those that are known without it."""
    chosen = configuration.deployments[name]
    packing = configuration.rosters.packings.get(name)
    pinecone = str(configuration.content.pinecone_account)
    adopted = key_policy(account=chosen.account, administrators=[], role=role_arn_of(name, chosen))
    synthesized = template_policies(
        example_templates(example)[naming.cmek_stack(name)].template,
        name=name,
        deployment=chosen,
        pinecone_account=pinecone,
        customer_keys=customer_key_policies(name, chosen, packing),
        adopted_policy=adopted,
    )
    configured = configured_policies(
        name=name, deployment=chosen, pinecone_account=pinecone, customers=packing, adopted_policy=adopted
    )
    return synthesized, configured


@pytest.mark.parametrize(("example", "name"), cases())
def test_every_example_gets_the_table_of_its_template_without_a_synth(example: str, name: str) -> None:
    synthesized, configured = both(load(PROJECT / "examples" / example), example, name)
    assert decision_table(configured).rows == decision_table(synthesized).rows


STORAGE: dict[str, dict[str, Any]] = {
    "a new bucket": {
        "iam_path": "/search/",
        "audit_logs": {
            "bucket": {"name": "acme-audit", "lock": {"days": 400}},
            "prefix": "pinecone",
            "queries": dict[str, Any](),
        },
        "storage_integrations": {"nightly": {"use": "import", "bucket": "acme-vectors", "prefix": "in"}},
    },
    "what exists already": {
        "permissions_boundary": "arn:aws:iam::111122223333:policy/Boundary",
        "audit_logs": {"bucket": {"adopt": "acme-audit", "kms_key": EXISTING_KEY}},
        "storage_integrations": {"backups": {"use": "export", "bucket": "acme-backups", "kms_key": EXISTING_KEY}},
    },
    "a new bucket with an existing key": {
        "audit_logs": {
            "bucket": {"name": "acme-audit", "lock": "none", "kms_key": EXISTING_KEY},
            "principal_arn": "arn:aws:iam::713131977538:role/writers/*",
        },
    },
}


@pytest.mark.parametrize("case", STORAGE)
def test_the_roles_for_s3_get_the_table_of_their_template_without_a_synth(case: str) -> None:
    chosen, folder = deployment(**STORAGE[case]), scratch()
    make({"one": chosen}, folder=folder)
    synthesized = planned_storage_policies("one", chosen, folder=folder)
    assert configured_storage_policies(name="one", deployment=chosen) == synthesized


def test_administrators_a_boundary_and_the_other_form_are_the_templates_too() -> None:
    chosen = deployment(
        permissions_boundary="arn:aws:iam::111122223333:policy/Boundary",
        cmek=cmek(
            trust={"regions": "all", "form": "account-root"},
            key={"administrators": ["arn:aws:iam::111122223333:role/KeyAdministrators"]},
            role_name="a-name",
        ),
    )
    (made,) = make({"one": chosen}).values()
    synthesized = template_policies(made.template, name="one", deployment=chosen, pinecone_account="740000000001")
    configured = configured_policies(name="one", deployment=chosen, pinecone_account="740000000001")
    assert configured == synthesized


def test_customers_keys_are_left_out_where_they_are_not_wanted() -> None:
    configuration = load(PROJECT / "examples" / "customer-keys.yaml")
    ((name, chosen),) = configuration.deployments.items()
    found = configured_policies(
        name=name,
        deployment=chosen,
        pinecone_account="740000000001",
        customers=pack(customer_keys_of(chosen)),
        with_customer_keys=False,
    )
    assert not [each for each in found.keys if each.name]
    assert found.roles[0].permissions
