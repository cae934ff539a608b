"""Handing a role over to a customer: the files, and the entry in the ledger."""

import json
from collections.abc import Mapping
from pathlib import Path

from pinekeep.errors import WrongInputError
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.derived import numbered_role_arn
from pinekeep.model.config.models import CustomerKey
from pinekeep.model.config.roster import ledger_after
from pinekeep.model.customers.ledger import ledger_path, write_ledger
from pinekeep.model.output.handoff import CustomerTemplateOutput
from pinekeep.model.policies.key import key_user_statements
from pinekeep.model.words import did_you_mean, listed
from pinekeep.operations.onboarding import documents

OUR_ROLE = "Pinecone, through a role of your provider's,"


def hand_over(
    configuration: Configuration, deployments: Mapping[str, Deployment], *, customer: str, folder: Path
) -> CustomerTemplateOutput:
    """Write the files for a customer, after recording in the ledger that it was given its role.

    The ledger comes first: a customer that may have seen its role must never be moved to another. Raises
    WrongInputError if there is no such customer (as in the file, or in file names), it is in several deployments, or a
    file cannot be written.
    """
    deployment_name, found = _find(deployments, customer)
    deployment = deployments[deployment_name]
    known_as = naming.customer_id(found.name)
    place = configuration.rosters.packings[deployment_name].places[known_as]
    role_arn = numbered_role_arn(deployment_name, deployment, place.role)
    target = folder / known_as
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongInputError(f"{target} cannot be created: {error.strerror}") from None
    ledger = ledger_after(
        configuration.content,
        configuration.rosters,
        deployments=frozenset({deployment_name}),
        handed_over=frozenset({known_as}),
    )
    write_ledger(ledger_path(configuration.path), ledger)
    template = documents.customer_key_template(
        deployment=deployment_name, customer=known_as, role_arn=role_arn, role_description=OUR_ROLE
    )
    files = {
        documents.TEMPLATE_FILE: _as_json(template),
        documents.STATEMENTS_FILE: _as_json(key_user_statements(role_arn)),
        documents.PAGE_FILE: documents.customer_page(
            deployment=deployment_name,
            customer=known_as,
            account=found.account,
            region=deployment.region,
            role_arn=role_arn,
        ),
    }
    for name, content in files.items():
        try:
            (target / name).write_text(content, encoding="utf-8")
        except OSError as error:
            raise WrongInputError(f"{target / name} cannot be written: {error.strerror}") from None
    return CustomerTemplateOutput(
        deployment=deployment_name, customer=known_as, role_arn=role_arn, files=[str(target / name) for name in files]
    )


def remember_places(configuration: Configuration, deployments: Mapping[str, Deployment]) -> None:
    """Record the places of deployed customers in the ledger, if any. Raises WrongInputError if it is unwritable."""
    before = configuration.rosters.ledger
    after = ledger_after(configuration.content, configuration.rosters, deployments=frozenset(deployments))
    if any(after.of(name) != before.of(name) for name in deployments):
        write_ledger(ledger_path(configuration.path), after)


def _find(deployments: Mapping[str, Deployment], customer: str) -> tuple[str, CustomerKey]:
    wanted = naming.customer_id(customer)
    known = [
        (name, each)
        for name, deployment in deployments.items()
        for each in (deployment.cmek.customer_keys if deployment.cmek else ())
    ]
    found = [(name, each) for name, each in known if naming.customer_id(each.name) == wanted]
    if not found:
        names = [each.name for _, each in known]
        raise WrongInputError(
            f"there is no customer {customer!r}" + (f"; there are {listed(names[:_NAMED])}" if names else ""),
            hint=did_you_mean(customer, names) or "name it under customer_keys first",
        )
    if len(found) > 1:
        raise WrongInputError(
            f"customer {customer!r} is in deployments {listed([name for name, _ in found])}",
            hint="name one with --deployment",
        )
    return found[0]


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


_NAMED = 10
