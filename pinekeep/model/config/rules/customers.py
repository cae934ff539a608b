"""Rules about the keys of customers."""

from collections.abc import Iterator
from typing import Any

from pinekeep.model import naming
from pinekeep.model.arns import KeyArn
from pinekeep.model.config.models import CustomerKey, Deployment, PinekeepFile
from pinekeep.model.config.partial import UNKNOWN, UnknownValueError, known_items
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.facts import aws
from pinekeep.model.policies.permissions import account_keys_arn
from pinekeep.model.words import plain


def customer_names_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Two customers never have the same name, nor names that come to the same in a file name."""
    seen: dict[str, tuple[int, str]] = {}
    for index, name in _values(deployment, "name"):
        first, other = seen.setdefault(naming.customer_id(name), (index, name))
        if first == index:
            continue
        same = name == other
        yield Problem(
            "customer-twice" if same else "customer-names-collide",
            f"customer {plain(name)} is listed already, as item {first + 1}"
            if same
            else f"{plain(name)} and {plain(other)} (item {first + 1}) are both written {naming.customer_id(name)} "
            "in file names and aliases",
            "keep one" if same else "give one of them another name",
            (*path, "cmek", "customer_keys", index, "name"),
        )


def customer_accounts_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A customer is an account, and an account is one customer."""
    seen: dict[str, int] = {}
    for index, account in _values(deployment, "account"):
        first = seen.setdefault(account, index)
        if first != index:
            yield Problem(
                "customer-account-twice",
                f"account {account} is listed already, as item {first + 1}",
                "name all keys of an account under one customer",
                (*path, "cmek", "customer_keys", index, "account"),
            )


def customer_accounts_are_others(file: PinekeepFile, _: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A customer is neither the deployment's own account nor Pinecone's."""
    for index, account in _values(deployment, "account"):
        whose = None
        if account == deployment.account:
            whose = "the deployment's own account; a key there is set under key"
        elif file.pinecone_account is not UNKNOWN and account == file.pinecone_account:
            whose = "Pinecone's account"
        if whose:
            yield Problem(
                "customer-is-not-another",
                f"{account} is {whose}",
                "name the customer's own account",
                (*path, "cmek", "customer_keys", index, "account"),
            )


def customer_key_arns_are_the_customers(
    _: PinekeepFile, __: str, deployment: Deployment, path: Path
) -> Iterator[Problem]:
    """A customer's key is in its account, in the deployment's Region, and listed once."""
    for index, customer in _customers(deployment):
        seen: dict[str, int] = {}
        for position, text in known_items(_list(customer.key_arns)):
            place = (*path, "cmek", "customer_keys", index, "key_arns", position)
            first = seen.setdefault(text, position)
            if first != position:
                yield Problem("customer-key-twice", f"{text} is listed already, as item {first + 1}", "keep one", place)
            arn = KeyArn.parse(text)
            if arn is not None:
                yield from _misplaced(arn, customer, deployment, place)


def customer_key_lists_hold_a_key(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """An empty list of keys would let the role use none."""
    for index, customer in _customers(deployment):
        if isinstance(customer.key_arns, list) and not customer.key_arns:
            yield Problem(
                "customer-key-arns-few",
                "at least 1 key needed, got 0",
                "name a key, or leave key_arns out for every key of the account that lets the role in",
                (*path, "cmek", "customer_keys", index, "key_arns"),
            )


def removed_customers_are_gone(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Nobody is both a customer and removed."""
    if deployment.cmek is None:
        return
    there = {naming.customer_id(name) for _, name in _values(deployment, "name")}
    for index, name in known_items(_list(deployment.cmek.removed_customers)):
        if naming.customer_id(name) in there:
            yield Problem(
                "removed-customer-is-there",
                f"customer {plain(name)} is listed under customer_keys too",
                "take it out of one of the two",
                (*path, "cmek", "removed_customers", index),
            )


def removed_keys_are_gone(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """No key is both a customer's and removed."""
    if deployment.cmek is None:
        return
    there: dict[str, str] = {}
    for _index, customer in _customers(deployment):
        if customer.name is UNKNOWN or customer.account is UNKNOWN:
            continue
        keys = _list(customer.key_arns) if customer.key_arns is not None else [account_keys_arn(customer.account)]
        there |= {key: customer.name for _position, key in known_items(keys)}
    for index, key in known_items(_list(deployment.cmek.removed_keys)):
        if key in there:
            yield Problem(
                "removed-key-is-there",
                f"{key} is a key of customer {plain(there[key])}",
                "take it out of one of the two",
                (*path, "cmek", "removed_keys", index),
            )


def _misplaced(arn: KeyArn, customer: CustomerKey, deployment: Deployment, place: Path) -> Iterator[Problem]:
    if arn.partition != aws.PARTITION:
        yield Problem(
            "customer-key-partition",
            f"the key is of partition {arn.partition}; Pinecone runs in partition {aws.PARTITION}",
            f"name a key of partition {aws.PARTITION}",
            place,
        )
    if customer.account is not UNKNOWN and arn.account != customer.account:
        yield Problem(
            "customer-key-account",
            f"the key is in account {arn.account}, the customer's account is {customer.account}",
            "name a key of the customer's own account",
            place,
        )
    if deployment.region is not UNKNOWN and arn.region != deployment.region:
        yield Problem(
            "customer-key-region",
            f"the key is in {arn.region}, the deployment in {deployment.region}",
            "name a key of the deployment's Region",
            place,
        )


def _customers(deployment: Deployment) -> Iterator[tuple[int, CustomerKey]]:
    if deployment.cmek is not None:
        yield from known_items(_list(deployment.cmek.customer_keys))


def _values(deployment: Deployment, setting: str) -> Iterator[tuple[int, str]]:
    for index, customer in _customers(deployment):
        value = getattr(customer, setting)
        if value is not UNKNOWN:
            yield index, value


def _list(value: Any) -> list[Any]:
    if value is UNKNOWN:
        raise UnknownValueError
    return value or []
