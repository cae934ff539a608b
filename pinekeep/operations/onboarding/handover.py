"""Handing a role over to a customer: the files, and the entry in the ledger."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pinekeep.errors import WrongInputError
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.derived import numbered_role_arn
from pinekeep.model.config.models import CustomerKey
from pinekeep.model.config.roster import ledger_after
from pinekeep.model.customers.ledger import ledger_path, write_ledger
from pinekeep.model.output.handoff import CustomerTemplate, CustomerTemplatesOutput
from pinekeep.model.policies.key import key_user_statements
from pinekeep.model.words import did_you_mean, listed
from pinekeep.operations.onboarding import documents

OUR_ROLE = "Pinecone, through a role of your provider's,"


def hand_over(
    configuration: Configuration,
    deployments: Mapping[str, Deployment],
    *,
    customers: Sequence[str] | None,
    folder: Path,
) -> CustomerTemplatesOutput:
    """Write the files for customers, after recording in the ledger that they were given their roles.

    ``customers``: None for all. The ledger comes first: a customer that may have seen its role must never be moved to
    another. Raises WrongInputError, before anything is written, if there is no such customer (as in the file, or in
    file names), one is named twice or is in several deployments; or if a file cannot be written.
    """
    found = _found(deployments, customers)
    targets = {known_as: folder / known_as for known_as in found}
    for target in targets.values():
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WrongInputError(f"{target} cannot be created: {error.strerror}") from None
    ledger = ledger_after(
        configuration.content,
        configuration.rosters,
        deployments=frozenset(name for name, _ in found.values()),
        handed_over=frozenset(found),
    )
    write_ledger(ledger_path(configuration.path), ledger)
    return CustomerTemplatesOutput(
        customers=[
            _written(configuration, name, deployments[name], customer, target=targets[known_as])
            for known_as, (name, customer) in found.items()
        ]
    )


def _written(
    configuration: Configuration, name: str, deployment: Deployment, customer: CustomerKey, *, target: Path
) -> CustomerTemplate:
    """Write the files for one customer into the folder ``target``."""
    known_as = naming.customer_id(customer.name)
    place = configuration.rosters.packings[name].places[known_as]
    role_arn = numbered_role_arn(name, deployment, place.role)
    template = documents.customer_key_template(
        deployment=name, customer=known_as, role_arn=role_arn, role_description=OUR_ROLE
    )
    files = {
        documents.TEMPLATE_FILE: _as_json(template),
        documents.STATEMENTS_FILE: _as_json(key_user_statements(role_arn)),
        documents.PAGE_FILE: documents.customer_page(
            deployment=name, customer=known_as, account=customer.account, region=deployment.region, role_arn=role_arn
        ),
    }
    for file, content in files.items():
        try:
            (target / file).write_text(content, encoding="utf-8")
        except OSError as error:
            raise WrongInputError(f"{target / file} cannot be written: {error.strerror}") from None
    return CustomerTemplate(
        deployment=name, customer=known_as, role_arn=role_arn, files=[str(target / file) for file in files]
    )


def remember_places(configuration: Configuration, deployments: Mapping[str, Deployment]) -> None:
    """Record the places of deployed customers in the ledger, if any. Raises WrongInputError if it is unwritable."""
    before = configuration.rosters.ledger
    after = ledger_after(configuration.content, configuration.rosters, deployments=frozenset(deployments))
    if any(after.of(name) != before.of(name) for name in deployments):
        write_ledger(ledger_path(configuration.path), after)


def _found(
    deployments: Mapping[str, Deployment], customers: Sequence[str] | None
) -> dict[str, tuple[str, CustomerKey]]:
    """Return the deployments' names and the customers, by the customers' names in file names."""
    known: dict[str, list[tuple[str, CustomerKey]]] = {}
    for name, deployment in deployments.items():
        for each in deployment.cmek.customer_keys if deployment.cmek else ():
            known.setdefault(naming.customer_id(each.name), []).append((name, each))
    if customers is None and not known:
        raise WrongInputError("the selected deployments have no customers", hint="name them under customer_keys first")
    wanted = list(known) if customers is None else list(map(naming.customer_id, customers))
    given = dict(zip(wanted, customers or wanted, strict=True))
    names = [each.name for found in known.values() for _, each in found]
    for known_as, customer in given.items():
        found = known.get(known_as, [])
        if not found:
            raise WrongInputError(
                f"there is no customer {customer!r}" + (f"; there are {listed(names[:_NAMED])}" if names else ""),
                hint=did_you_mean(customer, names) or "name it under customer_keys first",
            )
        if wanted.count(known_as) > 1:
            raise WrongInputError(f"customer {customer!r} is named twice", hint="name each customer once")
        if len(found) > 1:
            raise WrongInputError(
                f"customer {customer!r} is in deployments {listed([name for name, _ in found])}",
                hint="name one with --deployment",
            )
    return {known_as: known[known_as][0] for known_as in wanted}


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


_NAMED = 10
