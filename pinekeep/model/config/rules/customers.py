"""Rules about the keys of customers."""

from collections.abc import Iterator
from typing import Any

from pinekeep.model import naming
from pinekeep.model.arns import KeyArn
from pinekeep.model.config.models import CustomerKey
from pinekeep.model.config.partial import UNKNOWN, UnknownValueError, known_items
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.facts import aws
from pinekeep.model.policies.permissions import account_keys_arn
from pinekeep.model.values import repeats
from pinekeep.model.words import plain

_CUSTOMERS = ("cmek", "customer_keys")


def customer_names_differ(here: Subject) -> Iterator[Problem]:
    """No two customers have the same name, or names that give the same file name."""
    names = dict(_values(here, "name"))
    for index, first, written in repeats((index, naming.customer_id(name)) for index, name in names.items()):
        name, other = plain(names[index]), plain(names[first])
        place = (*_CUSTOMERS, index, "name")
        if names[index] == names[first]:
            message = f"customer {name} is already listed, as item {first + 1}"
            yield here.problem("customer-twice", message, "keep one", *place)
        else:
            message = f"{name} and {other} (item {first + 1}) are both written {written} in file names and aliases"
            yield here.problem("customer-names-collide", message, "rename one of them", *place)


def customer_accounts_differ(here: Subject) -> Iterator[Problem]:
    """Each account belongs to one customer."""
    for index, first, account in repeats(_values(here, "account")):
        message = f"account {account} is already listed, as item {first + 1}"
        hint = "list all keys of an account under one customer"
        yield here.problem("customer-account-twice", message, hint, *_CUSTOMERS, index, "account")


def customer_accounts_are_others(here: Subject) -> Iterator[Problem]:
    """A customer's account is neither the deployment's own nor Pinecone's."""
    pinecone_account = here.file.pinecone_account
    for index, account in _values(here, "account"):
        if account == here.deployment.account:
            message = f"{account} is the deployment's own account; a key there is set under key"
        elif pinecone_account is not UNKNOWN and account == pinecone_account:
            message = f"{account} is Pinecone's account"
        else:
            continue
        hint = "name the customer's own account"
        yield here.problem("customer-is-not-another", message, hint, *_CUSTOMERS, index, "account")


def customer_key_arns_are_the_customers(here: Subject) -> Iterator[Problem]:
    """A customer's key is in the customer's account and the deployment's Region, and listed once."""
    for index, customer in _customers(here):
        arns = list(known_items(_list(customer.key_arns)))
        place = (*_CUSTOMERS, index, "key_arns")
        for position, first, text in repeats(arns):
            message = f"{text} is already listed, as item {first + 1}"
            yield here.problem("customer-key-twice", message, "keep one", *place, position)
        for position, text in arns:
            arn = KeyArn.parse(text)
            for code, message, hint in _misplaced(arn, customer, here) if arn else ():
                yield here.problem(code, message, hint, *place, position)


def _misplaced(arn: KeyArn, customer: CustomerKey, here: Subject) -> Iterator[tuple[str, str, str]]:
    region = here.deployment.region
    if arn.partition != aws.PARTITION:
        message = f"the key is in partition {arn.partition}; Pinecone runs in partition {aws.PARTITION}"
        yield "customer-key-partition", message, f"name a key of partition {aws.PARTITION}"
    if customer.account is not UNKNOWN and arn.account != customer.account:
        message = f"the key is in account {arn.account}, the customer's account is {customer.account}"
        yield "customer-key-account", message, "name a key of the customer's own account"
    if region is not UNKNOWN and arn.region != region:
        message = f"the key is in {arn.region}, the deployment in {region}"
        yield "customer-key-region", message, "name a key of the deployment's Region"


def customer_key_lists_hold_a_key(here: Subject) -> Iterator[Problem]:
    """A list of keys is not empty: the role could use none of them."""
    for index, customer in _customers(here):
        if isinstance(customer.key_arns, list) and not customer.key_arns:
            hint = "name a key, or remove key_arns to use every key of the account whose policy allows the role"
            place = (*_CUSTOMERS, index, "key_arns")
            yield here.problem("customer-key-arns-few", "at least 1 key needed, got 0", hint, *place)


def removed_customers_are_gone(here: Subject) -> Iterator[Problem]:
    """No customer is both listed and removed."""
    there = {naming.customer_id(name) for _, name in _values(here, "name")}
    for index, name in known_items(_list(here.cmek.removed_customers)):
        if naming.customer_id(name) in there:
            message = f"customer {plain(name)} is also listed under customer_keys"
            hint = "remove it from one of the two"
            yield here.problem("removed-customer-is-there", message, hint, "cmek", "removed_customers", index)


def removed_keys_are_gone(here: Subject) -> Iterator[Problem]:
    """No key is both a customer's and removed."""
    there: dict[str, str] = {}
    for _index, customer in _customers(here):
        if customer.name is UNKNOWN or customer.account is UNKNOWN:
            continue
        keys = _list(customer.key_arns) if customer.key_arns is not None else [account_keys_arn(customer.account)]
        there |= {key: customer.name for _position, key in known_items(keys)}
    for index, key in known_items(_list(here.cmek.removed_keys)):
        if key in there:
            message = f"{key} is also a key of customer {plain(there[key])}"
            hint = "remove it from one of the two"
            yield here.problem("removed-key-is-there", message, hint, "cmek", "removed_keys", index)


def _customers(here: Subject) -> Iterator[tuple[int, CustomerKey]]:
    return known_items(_list(here.cmek.customer_keys))


def _values(here: Subject, setting: str) -> Iterator[tuple[int, str]]:
    for index, customer in _customers(here):
        value = getattr(customer, setting)
        if value is not UNKNOWN:
            yield index, value


def _list(value: Any) -> list[Any]:
    if value is UNKNOWN:
        raise UnknownValueError
    return value or []
