"""Warnings before the handover: grants that let others use the key."""

from collections.abc import Iterator, Mapping
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import as_refusal
from pinekeep.account.credentials.access import Access
from pinekeep.account.reads.grants import list_grants
from pinekeep.model.config import Deployment
from pinekeep.model.config.roles import grant_holders
from pinekeep.model.customers.packing import Packing
from pinekeep.model.naming import Output
from pinekeep.model.policies.grant_holders import Holders
from pinekeep.model.policies.grants import parse_grants

_SHOWN: Final = 5


def grant_warnings(
    deployments: Mapping[str, Deployment],
    outputs: Mapping[str, Mapping[str, str]],
    *,
    access: Access,
    customers: Mapping[str, Packing] | None = None,
) -> dict[str, list[str]]:
    """Return warnings of grants by which others can use the deployments' keys, and of refusals. One call for each key.

    Replicas are checked by ``verify``. ``customers`` is needed where a deployment has ``customer_keys``.
    """
    return {
        name: list(key_warnings(arn, access.clients_for(each), grant_holders(name, each, (customers or {}).get(name))))
        for name, each in deployments.items()
        if each.cmek is not None and each.cmek.has_own_key and (arn := outputs[name].get(Output.KEY_ARN))
    }


def key_warnings(arn: str, clients: Clients, holders: Holders) -> Iterator[str]:
    """Yield warnings of grants by which others than ``holders`` can use a key, or of a refusal. One call."""
    try:
        entries = list_grants(clients.client("kms").list_grants, arn)
    except Exception as error:
        refusal = as_refusal(error)
        if refusal is None:
            raise
        yield f"It is unknown whether grants let others use the key: {refusal.message}."
        return
    found = holders.strangers(parse_grants(entries, key_arn=arn))
    for each in found[:_SHOWN]:
        yield f"Others can use the key: {each}. End it before you go on: {each.revoke_command}"
    if len(found) > _SHOWN:
        yield f"So do {len(found) - _SHOWN} more grants: `pinekeep verify` lists them."
