"""The policies with which a role uses keys of customers, in meaning: exactly those keys, exactly those actions.

What the key policies in the customers' accounts say cannot be read from here, and that is told.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from pinekeep.account.reads.live import Document
from pinekeep.model.arns import KeyArn
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.policies.compare import Statement, covers, parse
from pinekeep.model.policies.permissions import customer_keys_policy
from pinekeep.operations.verification.checks.access import Meanings, Problem, gained, lost, undecided, weighed
from pinekeep.operations.verification.checks.check import Subject, registry, with_customers
from pinekeep.operations.verification.checks.finding import Verdict, failed, first, noted

_TOLD: Final = 5
_MEANS: Final = Meanings(
    lost="Pinecone may not use the keys of some customers, so it cannot read or write their data.",
    gained="Pinecone works on; it may use other keys, or do more with those of the customers.",
    undecided="Pinecone may be refused the keys of customers, on a condition that cannot be decided from here.",
)

CHECKS: Final = registry(applies=with_customers)


@CHECKS.add(
    id="customer-keys-policies",
    title="Policies with customers' keys",
    wanted="one statement, for the keys of its customers and no other",
    meaning="Pinecone may not use the keys of some customers, or may use others, or do more with them.",
    of_each_role=True,
    promised=True,
)
def _policies(
    subject: Subject, attached_policies: list[Document], customer_policies: Mapping[str, Any]
) -> Iterator[Verdict]:
    there = {each["PolicyArn"] for each in attached_policies}
    owners = _Owners(subject)
    for arn, resources in subject.role.policies.items():
        if arn in there:  # that one is not attached, the role's check tells
            yield _policy(subject, arn.rsplit("/", 1)[-1], customer_policies.get(arn), resources, owners)


def _policy(subject: Subject, name: str, document: Any, resources: tuple[str, ...], owners: "_Owners") -> Verdict:
    what = f"policy {name}"
    if document is None:
        return failed("AWS knows of none", what=what, fix="it may just have been removed; verify again")
    (wanted,) = parse(customer_keys_policy(resources, describe=subject.cmek.describe_customer_keys))
    found = parse(document)
    granting = [each for each in found if _only_grants(each)]
    problems = [
        *map(lost, _missing(granting, wanted, owners)),
        *map(gained, _too_many(granting, wanted, owners)),
        *(_other(each) for each in found if not _only_grants(each)),
    ]
    customers = len({owners.of(each) for each in resources})
    right = f"{', '.join(sorted(wanted.actions))} with the keys of {_count(customers, 'customer')}"
    return weighed(problems, right=right, fix=subject.redeploy, means=_MEANS, what=what)


def _other(statement: Statement) -> Problem:
    told = f"there is {_told(statement)}"
    if statement.allows:
        return gained(told)
    return undecided(told) if statement.conditions else lost(told)


def _only_grants(statement: Statement) -> bool:
    """Tell whether a statement allows its actions on its resources, without any other word."""
    turned = statement.not_actions or statement.not_resources or statement.principals or statement.not_principals
    return statement.allows and not turned and not statement.conditions


def _missing(granting: Sequence[Statement], wanted: Statement, owners: "_Owners") -> Iterator[str]:
    lacking: dict[str, frozenset[str]] = {}
    for action in sorted(wanted.actions):
        reached = {
            resource
            for each in granting
            if any(covers(pattern, action) for pattern in each.actions)
            for resource in each.resources
        }
        # Planned ones do not overlap, so only others can take in one that is not there itself.
        others = [each for each in reached - wanted.resources if _is_pattern(each)]
        lacking[action] = frozenset(
            each for each in wanted.resources - reached if not any(_takes_in(pattern, each) for pattern in others)
        )
    if len(set(lacking.values())) == 1:
        resources = next(iter(lacking.values()))
        if resources:
            yield f"missing: {owners.listed(resources, among=wanted.resources)}"
        return
    for action, resources in lacking.items():
        if resources:
            yield f"{action} is missing for {owners.listed(resources, among=wanted.resources)}"


def _too_many(granting: Sequence[Statement], wanted: Statement, owners: "_Owners") -> Iterator[str]:
    reached = {resource for each in granting for resource in each.resources}
    patterns = [each for each in wanted.resources if _is_pattern(each)]
    more = [each for each in reached - wanted.resources if not any(_takes_in(pattern, each) for pattern in patterns)]
    if more:
        words = [f"{each} ({owners.of(each)})" for each in sorted(more)]
        yield f"too many: {first(words, _TOLD, separator=', ')}"
    known = {each.lower() for each in wanted.actions}
    actions = sorted({action for each in granting for action in each.actions if action.lower() not in known})
    if actions:
        yield f"it allows {', '.join(actions)} too"


def _is_pattern(resource: str) -> bool:
    return "*" in resource or "?" in resource


def _takes_in(pattern: str, resource: str) -> bool:
    return fnmatchcase(resource, pattern.replace("[", "[[]"))


def _told(statement: Statement) -> str:
    name = f"statement {statement.sid}" if statement.sid else "a statement"
    what = ", ".join(sorted(statement.actions)) or f"all but {', '.join(sorted(statement.not_actions))}"
    where = ", ".join(sorted(statement.resources)) or f"all but {', '.join(sorted(statement.not_resources))}"
    when = f" if {' and '.join(sorted(map(str, statement.conditions)))}" if statement.conditions else ""
    return f"{name} ({statement.effect} {what} on {where}{when})"


class _Owners:
    """Whose keys are whose."""

    def __init__(self, subject: Subject) -> None:
        customers = subject.cmek.customer_keys
        self._by_resource = {
            resource: each.name
            for each, keys in zip(customers, customer_keys_of(subject.deployment), strict=True)
            for resource in keys.resources
        }
        self._by_account = {each.account: each.name for each in customers}

    def of(self, resource: str) -> str:
        """Return whose a key is: a customer's name, or the account's number."""
        if resource in self._by_resource:
            return self._by_resource[resource]
        parts = resource.split(":")
        account = parts[_ACCOUNT_PART] if len(parts) > _ACCOUNT_PART else "*"
        if account in self._by_account:
            return self._by_account[account]
        return f"account {account}, no customer's" if account.isdigit() else "any account"

    def listed(self, resources: Collection[str], *, among: Collection[str]) -> str:
        """Return whose keys these are; how many of how many where others of the same customer are right."""
        of = Counter(map(self.of, among))
        found = Counter(map(self.of, resources))
        words = [
            name if number == of[name] else f"{name} ({number} of {_count(of[name], 'key')})"
            for name, number in sorted(found.items())
        ]
        return first(words, _TOLD, separator=", ")


_ACCOUNT_PART: Final = 4


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@CHECKS.add(
    id="customer-keys-key-policies",
    title="Key policies in customers' accounts",
    wanted="each key's own policy names the role",
    meaning="Without it KMS refuses Pinecone the key. It cannot be read from your account, so this never fails: "
    "it reminds you.",
)
def _key_policies(subject: Subject) -> Verdict:
    customers = subject.cmek.customer_keys
    number = len(customers)
    known = next((arn for each in customers for arn in each.key_arns or ()), None)
    key = KeyArn.parse(known) if known else None
    look = f"customer-template --customer {customers[0].name} --deployment {subject.name} --out customers"
    return noted(
        f"those of {_count(number, 'customer')} cannot be read: KMS shows a key policy in the key's own account alone. "
        "Whether it lets the role in is proven when Pinecone first uses the key",
        fix="until then each customer can look, as for this key: aws kms get-key-policy --policy-name default "
        f"--query Policy --output text --key-id {key} --region {key.region}"
        if key
        else f"until then each customer can look, as the page tells that this writes: pinekeep {look}",
    )
