"""Deployments whose ``cmek`` was removed from the file while Pinecone still uses the key.

Removing ``cmek`` from the file changes nothing in AWS. So verification, revocation and offboarding restore it from the
record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.account.record.recording import deployed_trust
from pinekeep.account.record.store import read_record
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.models import Cmek
from pinekeep.model.policies.trust import Trusted
from pinekeep.model.values.trust import NO_EXTERNAL_ID

_ALIAS = "alias/"


@dataclass(frozen=True)
class Recalled:
    """A configuration completed from the records.

    ``configuration``: the file, with role and key of the record where it has none. ``names``: the deployments whose
    role and key come from the record.
    """

    configuration: Configuration
    deployments: dict[str, Deployment]
    names: frozenset[str] = frozenset()


def recall(configuration: Configuration, deployments: Mapping[str, Deployment], *, access: Access) -> Recalled:
    """Return a configuration with the role and key of the record, where the file has none.

    No call where every deployment has a key. Otherwise one call, and one or two for each of the others. Raises
    AwsRefusedError if AWS refuses, or the credentials belong to another account; PinekeepError if a record is invalid
    or incomplete.
    """
    without = {name: each for name, each in deployments.items() if each.cmek is None}
    if not without:
        return Recalled(configuration, dict(deployments))
    access.require_accounts(without)
    found: dict[str, Deployment] = {}
    account = configuration.content.pinecone_account
    for name, deployment in without.items():
        clients = access.clients_for(deployment)
        record = read_record(clients, name)
        if record is None or record.handed_over.get(Value.ROLE_ARN) is None:
            continue
        trust = _trust(record.handed_over, clients, name)
        account = account or trust.pinecone_account
        found[name] = deployment.model_copy(update={"cmek": recorded_cmek(name, record.handed_over, trust)})
    if not found:
        return Recalled(configuration, dict(deployments))
    content = configuration.content.model_copy(
        update={"deployments": {**configuration.deployments, **found}, "pinecone_account": account}
    )
    return Recalled(
        replace(configuration, content=content),
        {name: found.get(name, each) for name, each in deployments.items()},
        frozenset(found),
    )


def recorded_cmek(name: str, handed_over: HandedOver, trust: Trusted) -> Cmek:
    """Return the recorded settings of the role and key. Pure. Raises PinekeepError if the record is incomplete."""
    terms = handed_over.terms
    settings: dict[str, Any] = {
        "role_name": str(handed_over.get(Value.ROLE_ARN)).rpartition("/")[2],
        "trust": {
            "regions": "all" if trust.regions == "all" else list(trust.regions),
            "external_id": handed_over.get(Value.EXTERNAL_ID) or NO_EXTERNAL_ID,
            "allow_undocumented_regions": True,
            "accept_confused_deputy": True,
        },
    }
    if key_arn := handed_over.get(Value.KEY_ARN):
        settings["key"] = {"alias": terms.alias.removeprefix(_ALIAS)} if terms.alias else {"adopt": key_arn}
    try:
        return Cmek.model_validate(settings)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
        raise PinekeepError(
            f"{name}: the file has no cmek, and the record of what was handed over does not tell enough ({where})",
            hint="put cmek back into the file as it was when it was deployed",
        ) from None


def _trust(handed_over: HandedOver, clients: Clients, name: str) -> Trusted:
    terms = handed_over.terms
    if terms.pinecone_account is not None and terms.regions is not None:
        return Trusted(terms.pinecone_account, terms.regions)
    return deployed_trust(clients, name)
