"""The decision tables of the policies that a configuration would deploy."""

import json
from collections.abc import Mapping
from pathlib import Path

from pinekeep.account.process import scratch_folder
from pinekeep.decisions.access.configured import customer_key_policies
from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.decisions.access.template import template_policies
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.config.storage_roles import planned_storage_roles
from pinekeep.model.policies.key import key_policy
from pinekeep.operations.access.planned_storage import planned_storage_policies
from pinekeep.operations.synthesis.assembly import synthesize


def planned_tables(configuration: Configuration, deployments: Mapping[str, Deployment]) -> list[Table]:
    """Return the decision tables of each deployment, from its templates: of CMEK, then of S3.

    Customers' keys and adopted keys are assumed to have the policies that their owners are asked for. Raises
    PolicyError if a template is undecidable.
    """
    with scratch_folder() as folder:
        synthesize(configuration, deployments, folder=folder, to_deploy=False)
        return tables_from_templates(configuration, deployments, folder=folder)


def tables_from_templates(
    configuration: Configuration, deployments: Mapping[str, Deployment], *, folder: Path
) -> list[Table]:
    """Return the decision tables of each deployment, from templates in a folder; see :func:`planned_tables`."""
    tables = []
    for name, deployment in deployments.items():
        if deployment.cmek is not None:
            tables.append(decision_table(_cmek(configuration, name, deployment, folder=folder)))
        if planned_storage_roles(name, deployment):
            tables.append(decision_table(planned_storage_policies(name, deployment, folder=folder)))
    return tables


def _cmek(configuration: Configuration, name: str, deployment: Deployment, *, folder: Path) -> PolicySet:
    return template_policies(
        json.loads((folder / f"{naming.cmek_stack(name)}.template.json").read_text()),
        name=name,
        deployment=deployment,
        pinecone_account=str(configuration.content.pinecone_account),
        customer_keys=customer_key_policies(name, deployment, configuration.rosters.packings.get(name)),
        adopted_policy=key_policy(account=deployment.account, administrators=[], role=role_arn_of(name, deployment)),
    )
