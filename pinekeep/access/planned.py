"""The decision tables of what a configuration would deploy."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pinekeep import naming
from pinekeep.access.policies import KeyPolicy
from pinekeep.access.table import Table, decision_table
from pinekeep.access.template import template_policies
from pinekeep.assembly import synthesize
from pinekeep.config import Configuration, Deployment
from pinekeep.config.derived import numbered_role_arn
from pinekeep.config.models import role_arn_of
from pinekeep.customers.packing import Packing
from pinekeep.policies.key import key_policy
from pinekeep.scratch import scratch_folder

STAND_IN_KEY: Final = "arn:aws:kms:{region}:{account}:key/00000000-0000-0000-0000-000000000000"
"""Stands for any key of a customer who lets the role use every key of its account."""


def planned_tables(configuration: Configuration, deployments: Mapping[str, Deployment]) -> list[Table]:
    """Return the decision table of each deployment, from the templates that would be deployed.

    The policies of customers' keys, and of adopted keys, are taken to be what their owners are asked for.

    Args:
        configuration: the file that the deployments are of.
        deployments: deployments with ``cmek``, by name.

    Raises:
        PolicyError: a template cannot be decided from.
    """
    with scratch_folder() as folder:
        synthesize(configuration, deployments, folder=folder)
        return tables_from_templates(configuration, deployments, folder=folder)


def tables_from_templates(
    configuration: Configuration, deployments: Mapping[str, Deployment], *, folder: Path
) -> list[Table]:
    """Return the decision table of each deployment, from templates in a folder; see :func:`planned_tables`."""
    tables = []
    for name, deployment in deployments.items():
        template = json.loads((folder / f"{naming.cmek_stack(name)}.template.json").read_text())
        policies = template_policies(
            template,
            name=name,
            deployment=deployment,
            pinecone_account=str(configuration.content.pinecone_account),
            customer_keys=_customer_keys(name, deployment, configuration.rosters.packings.get(name)),
            adopted_policy=key_policy(
                account=deployment.account, administrators=[], role=role_arn_of(name, deployment)
            ),
        )
        tables.append(decision_table(policies))
    return tables


def _customer_keys(name: str, deployment: Deployment, packing: Packing | None) -> list[KeyPolicy]:
    if deployment.cmek is None or packing is None:
        return []
    keys = []
    for customer in deployment.cmek.customer_keys:
        known_as = naming.customer_id(customer.name)
        role = numbered_role_arn(name, deployment, packing.places[known_as].role)
        asked_for = key_policy(account=customer.account, administrators=[], role=role)
        stand_in = STAND_IN_KEY.format(region=deployment.region, account=customer.account)
        arns = customer.key_arns or [stand_in]
        keys += [
            KeyPolicy(name=known_as if len(arns) == 1 else f"{known_as}-{number}", arn=arn, document=asked_for)
            for number, arn in enumerate(arns, start=1)
        ]
    return keys
