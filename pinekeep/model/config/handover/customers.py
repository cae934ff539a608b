"""Changes to customers that were handed over, which are refused unless the file allows them explicitly.

Pinecone knows a customer's key by the role that may use it. If the role gets another name, or loses the key, the data
encrypted with the key becomes unreadable.
"""

from collections.abc import Iterator, Mapping, Sequence

from pinekeep.model import naming
from pinekeep.model.arns import path_of
from pinekeep.model.config.derived import customer_keys_of, numbered_role_arn
from pinekeep.model.config.models import Cmek, Deployment, PinekeepFile
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.customers.ledger import Given, Ledger, Resident
from pinekeep.model.customers.packing import Packing
from pinekeep.model.policies.permissions import account_keys_arn
from pinekeep.model.words import listed, plain


def broken_promises(content: PinekeepFile, ledger: Ledger, packings: Mapping[str, Packing]) -> Iterator[Problem]:
    """Yield the changes to customers that were handed over, and warnings about what could not be compared.

    ``ledger``: the customers that were handed over. ``packings``: the places of the customers; those of a deployment
    may be missing where they do not fit.
    """
    yield from _deployments_that_went(content, ledger)
    for name, deployment in content.deployments.items():
        path: Path = ("deployments", name, "cmek")
        known = {each: resident for each, resident in ledger.of(name).items() if resident.given is not None}
        yield from _customers_that_went(deployment.cmek, known, path)
        if deployment.cmek is None:
            continue
        yield from _accounts_that_changed(deployment.cmek, known, path)
        yield from _keys_that_went(deployment, deployment.cmek, known, path)
        if name in packings:
            yield from _roles_that_changed(name, deployment, deployment.cmek, known, packings[name])
            yield from _removed_roles_that_are_there(name, deployment, deployment.cmek, packings[name])
        yield from _not_written_down(deployment.cmek, known, path)


def _deployments_that_went(content: PinekeepFile, ledger: Ledger) -> Iterator[Problem]:
    for name, residents in ledger.residents.items():
        known = [each for each, resident in residents.items() if resident.handed_over]
        if name not in content.deployments and known:
            yield Problem(
                "customers-deployment-removed",
                f"deployment {plain(name)} is no longer in the file, nor are the roles that were handed over for "
                f"{len(known)} of its customers: {_some(sorted(known))}",
                "restore it; if Pinecone may lose access to their keys, remove it from the ledger of customers too",
                ("deployments",),
            )


def _customers_that_went(cmek: Cmek | None, known: Mapping[str, Resident], path: Path) -> Iterator[Problem]:
    there = {naming.customer_id(each.name) for each in cmek.customer_keys} if cmek else set()
    meant = {naming.customer_id(each) for each in cmek.removed_customers} if cmek else set()
    for each, resident in known.items():
        if each not in there and each not in meant:
            yield Problem(
                "customer-removed",
                f"customer {each} (account {resident.account}) is no longer in the file, but its role was handed over: "
                f"{_lost('its key', 'it')}",
                f"restore it, or write removed_customers: [{each}] to confirm the removal",
                (*path, "customer_keys"),
            )


def _accounts_that_changed(cmek: Cmek, known: Mapping[str, Resident], path: Path) -> Iterator[Problem]:
    for index, customer in enumerate(cmek.customer_keys):
        resident = known.get(naming.customer_id(customer.name))
        if resident and resident.account != customer.account:
            yield Problem(
                "customer-account-changed",
                f"customer {plain(customer.name)} was handed over with account {resident.account}; its key is there",
                "restore the account, or add a customer with another name",
                (*path, "customer_keys", index, "account"),
            )


def _keys_that_went(deployment: Deployment, cmek: Cmek, known: Mapping[str, Resident], path: Path) -> Iterator[Problem]:
    meant = set(cmek.removed_keys)
    for index, (customer, now) in enumerate(zip(cmek.customer_keys, customer_keys_of(deployment), strict=True)):
        resident = known.get(now.name)
        every = account_keys_arn(customer.account)
        if resident is None or resident.account != customer.account or every in now.resources:
            continue
        given = _given(resident).keys or ()
        gone = [key for key in given if key not in now.resources and key not in meant]
        place = (*path, "customer_keys", index, "key_arns")
        if every in gone:
            yield Problem(
                "customer-keys-narrowed",
                f"customer {plain(customer.name)} was handed over with every key of account {customer.account}, and "
                f"now {_count(now.resources)} listed: {_lost('the others', 'them')}",
                f"remove key_arns, or write removed_keys: [{every}] if Pinecone was given none of the others",
                place,
            )
        elif gone:
            what, them = ("a key that is", "it") if len(gone) == 1 else ("keys that are", "them")
            yield Problem(
                "customer-key-removed",
                f"customer {plain(customer.name)} was handed over with {what} no longer listed, {_some(gone)}: "
                f"{_lost(them, them)}",
                f"restore {them}, or write removed_keys: [{_some(gone)}] to confirm the removal",
                place,
            )


def _roles_that_changed(
    name: str, deployment: Deployment, cmek: Cmek, known: Mapping[str, Resident], packing: Packing
) -> Iterator[Problem]:
    meant = set(cmek.removed_roles)
    changed: dict[tuple[str, int], list[str]] = {}
    for each, place in packing.places.items():
        was = _given(known[each]).role_arn if each in known else None
        if was is not None and was not in meant and was != numbered_role_arn(name, deployment, place.role):
            changed.setdefault((was, place.role), []).append(each)
    for (was, number), customers in changed.items():
        account, role_name = was.split(":")[4], was.rpartition("/")[2]
        setting: Path = ("cmek", "role_name")
        back = f"write role_name: {role_name.removesuffix(f'-{number}') if number > 1 else role_name}"
        if path_of(was) != deployment.iam_path:
            setting, back = ("iam_path",), f"write iam_path: {path_of(was)}"
        if account != deployment.account:
            setting, back = ("account",), f"restore account {account}"
        who = f"customer {customers[0]} was" if len(customers) == 1 else f"customers {_some(customers)} were"
        yield Problem(
            "customers-role-changed",
            f"{who} given the role {was}, which would change to {numbered_role_arn(name, deployment, number)}: "
            f"{_lost('their keys', 'them')}",
            f"{back}; if Pinecone may lose access to their keys, write removed_roles: [{was}]",
            ("deployments", name, *setting),
        )


def _removed_roles_that_are_there(name: str, deployment: Deployment, cmek: Cmek, packing: Packing) -> Iterator[Problem]:
    there = {numbered_role_arn(name, deployment, each.number) for each in packing.roles}
    for index, role_arn in enumerate(cmek.removed_roles):
        if role_arn in there:
            yield Problem(
                "removed-role-is-there",
                f"{role_arn} is the role of this deployment's customers",
                "remove it",
                ("deployments", name, "cmek", "removed_roles", index),
            )


def _not_written_down(cmek: Cmek, known: Mapping[str, Resident], path: Path) -> Iterator[Problem]:
    there = {naming.customer_id(each.name) for each in cmek.customer_keys}
    unsure = [
        each
        for each, resident in known.items()
        if each in there and (_given(resident).role_arn is None or _given(resident).keys is None)
    ]
    if unsure:
        yield Problem(
            "customers-given-unknown",
            "the ledger of customers has an old format without the roles and keys that were handed over, so a change "
            f"would not be detected for {_some(unsure)}",
            "make sure that role and keys are unchanged; `pinekeep deploy` then records them",
            (*path, "customer_keys"),
            severity="warning",
        )


def _given(resident: Resident) -> Given:
    return resident.given or Given()


def _count(keys: Sequence[str]) -> str:
    return f"{len(keys)} {'is' if len(keys) == 1 else 'are'}"


def _lost(keys: str, them: str) -> str:
    return f"Pinecone could no longer use {keys}, and all data encrypted with {them} would be unreadable"


def _some(names: Sequence[str]) -> str:
    return listed([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])


_NAMED = 5
