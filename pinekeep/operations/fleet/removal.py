"""Removing instances from a fleet's stack set: what stays in the accounts, what is deleted, and what is refused."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.words import listed
from pinekeep.operations.deployment.kept import KEPT_REASONS
from pinekeep.operations.fleet.batching import Units, split_by_units, unit_of_instances
from pinekeep.operations.fleet.desired import Part, Place, new_operation_id, template_digest
from pinekeep.operations.fleet.observed import CURRENT, INOPERABLE, Observed
from pinekeep.operations.fleet.operations import Action, Batch

ROLE_REGION: Final = "RoleRegion"
"""The parameter with the Region of the account's role; empty where each Region's stack has one."""
KEPT_TYPES: Final = {
    "AWS::KMS::Key": "KMS key",
    "AWS::KMS::ReplicaKey": "KMS key",
    "AWS::KMS::Alias": "alias",
    "AWS::IAM::Role": "role",
}
"""The resources of a stack with a role for Pinecone that must outlive it, with the words for them."""
_STACK_STAYS: Final = (
    "it works as before, outside the stack set; `aws cloudformation delete-stack` deletes it later, in its account"
)
_RETAINED: Final = frozenset({"Retain", "RetainExceptOnCreate"})
_SHOWN: Final = 5


@dataclass(frozen=True, kw_only=True)
class Content:
    """The resources of a template, by what becomes of them when a stack is deleted: logical IDs and types."""

    kept: Mapping[str, str]
    deleted: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Removal:
    """The instances that leave a stack set, in the order of their operations.

    Attributes:
        stack_ids: the stacks, by account and Region; None where none was created.
        delete_stacks: whether the stacks are deleted, too.
        content: what becomes of the resources of a deleted stack.
        whole: whether the stack set is deleted afterwards.
        roles: the Regions with the roles of accounts that have several instances, as their parameters name them.
        observed: the stack set as it was read.
    """

    batches: tuple[Batch, ...]
    stack_ids: Mapping[Place, str | None]
    delete_stacks: bool
    content: Content
    whole: bool
    roles: Mapping[Place, str]
    observed: Observed

    @property
    def deleted(self) -> tuple[str, ...]:
        """The types of resources that are deleted with the stacks, each once."""
        return tuple(dict.fromkeys(self.content.deleted.values())) if self.delete_stacks else ()


def removal_of(
    observed: Observed,
    *,
    part: Part,
    accounts: Collection[str],
    regions: Collection[str],
    wanted: Collection[Place],
    role_regions: Callable[[Iterable[Place]], Mapping[Place, str]],
    units: Units,
    delete_stacks: bool,
) -> Removal:
    """Return the removal of the instances of some accounts, in some Regions; of all instances if neither is given.

    ``wanted``: the targets of the file. ``role_regions`` returns the values of :data:`ROLE_REGION` of instances;
    ``units`` the organizational unit of an account whose instance names none.

    Raises WrongInputError if there is no such instance, one is still a target of the file (unless all leave), or the
    Region of a role would leave before the others of its account; PinekeepError if ``delete_stacks`` would delete
    what Pinecone uses, or nobody can tell.
    """
    stack_set = observed.stack_set
    if stack_set is None:
        raise WrongInputError("the fleet has no stack set", hint="there is nothing to remove")
    whole = not accounts and not regions
    leaving = [
        place
        for place in sorted(observed.instances)
        if (not accounts or place[0] in accounts) and (not regions or place[1] in regions)
    ]
    _require_instances(observed, accounts, leaving, whole=whole)
    # StackSets no longer updates an inoperable instance, so it must leave to return; its stack and role stay.
    checked = [each for each in leaving if delete_stacks or observed.instances[each].status != INOPERABLE]
    if not whole:
        _refuse_targets(checked, wanted)
    roles = role_regions([each for each in leaving if _has_others(each, observed)]) if part == "cmek" else {}
    _refuse_roles_first(leaving, observed, {place: each for place, each in roles.items() if place in checked})
    content = content_of(stack_set.template)
    if delete_stacks:
        _require_retained(content, part)
        _require_known_templates(leaving, observed)
    return Removal(
        batches=tuple(_batches(leaving, observed, roles, units, retain=not delete_stacks)),
        stack_ids={place: observed.instances[place].stack_id for place in leaving},
        delete_stacks=delete_stacks,
        content=content,
        whole=whole,
        roles=roles,
        observed=observed,
    )


def content_of(template: str) -> Content:
    """Return what becomes of the resources of a template when a stack of it is deleted.

    Raises PinekeepError if the template is not JSON, so that nobody can tell.
    """
    try:
        resources: Mapping[str, Mapping[str, Any]] = json.loads(template)["Resources"]
    except (ValueError, KeyError, TypeError):
        raise PinekeepError(
            "the template of the stack set cannot be read, so nobody can tell what its stacks keep",
            hint="deploy the fleet first: `pinekeep fleet deploy`",
        ) from None
    kept = {name: str(each.get("Type")) for name, each in resources.items() if each.get("DeletionPolicy") in _RETAINED}
    deleted = {name: str(each.get("Type")) for name, each in resources.items() if name not in kept}
    return Content(kept=kept, deleted=deleted)


def what_stays(removal: Removal, place: Place) -> Iterator[tuple[str, str]]:
    """Yield what stays in an account and Region, each with the reason."""
    stack, region = removal.stack_ids[place], place[1]
    if stack is None:
        return
    if not removal.delete_stacks:
        yield f"stack {stack}", _STACK_STAYS
        return
    has_role = removal.roles.get(place) in {None, "", region}
    for word in dict.fromkeys(KEPT_TYPES[each] for each in removal.content.kept.values() if each in KEPT_TYPES):
        if word != "role" or has_role:
            yield word, KEPT_REASONS[word]


def _require_instances(observed: Observed, accounts: Collection[str], leaving: list[Place], *, whole: bool) -> None:
    known = {account for account, _ in observed.instances}
    missing = [each for each in accounts if each not in known]
    if missing:
        raise WrongInputError(
            f"the stack set has no instance in account {listed(missing)}",
            hint=f"it has instances in {_some(sorted(known))}" if known else "it has none",
        )
    if not leaving and not whole:
        raise WrongInputError("the stack set has no instance there", hint="`pinekeep fleet status` lists them")


def _refuse_targets(leaving: Iterable[Place], wanted: Collection[Place]) -> None:
    targets = [each for each in leaving if each in wanted]
    if targets:
        verb, them = ("is", "it") if len(targets) == 1 else ("are", "them")
        raise WrongInputError(
            f"{_some([_words(each) for each in targets])} {verb} still in the file, so the next deployment would "
            f"create {them} again",
            hint=f"take {them} out of the file first; nothing is removed by that",
        )


def _has_others(place: Place, observed: Observed) -> bool:
    return sum(account == place[0] for account, _ in observed.instances) > 1


def _refuse_roles_first(leaving: Collection[Place], observed: Observed, roles: Mapping[Place, str]) -> None:
    """Refuse to remove the instance with an account's role before those whose keys trust that role."""
    gone = set(leaving)
    for place, role_region in roles.items():
        account, region = place
        others = [each for each in observed.instances if each[0] == account and each not in gone]
        if role_region == region and others:
            raise WrongInputError(
                f"the role of account {account} is in the stack in {region}, and the keys in "
                f"{listed([each[1] for each in others])} are used by it",
                hint=f"remove the others too: --account {account}, without --region",
            )


def _require_retained(content: Content, part: Part) -> None:
    lost = [each for each in content.deleted.values() if part == "cmek" and each in KEPT_TYPES]
    if lost:
        raise PinekeepError(
            f"the template of the stack set would delete {listed(sorted(set(lost)))} with its stacks",
            hint="deploy the fleet first, which retains them (`pinekeep fleet deploy`), or leave the stacks: without "
            "--delete-stacks",
        )


def _require_known_templates(leaving: Iterable[Place], observed: Observed) -> None:
    """Require that the stacks have the template of the stack set, which says what is retained."""
    unknown = [
        each
        for each in leaving
        if observed.instances[each].stack_id is not None and observed.instances[each].status != CURRENT
    ]
    if unknown:
        raise PinekeepError(
            f"{_some([_words(each) for each in unknown])} {'is' if len(unknown) == 1 else 'are'} not CURRENT: the "
            "stack may have another template, which may not retain role and key",
            hint="leave the stack: without --delete-stacks; or, if it is still in the file, deploy it first",
        )


def _batches(
    leaving: Iterable[Place], observed: Observed, roles: Mapping[Place, str], units: Units, *, retain: bool
) -> Iterator[Batch]:
    """Yield the operations: accounts with the same Regions together, the Region of the role last."""
    of_account: dict[str, list[str]] = {}
    for account, region in leaving:
        of_account.setdefault(account, []).append(region)
    shapes: dict[tuple[str, ...], list[str]] = {}
    for account, names in of_account.items():
        ordered = sorted(names, key=lambda each, of=account: (roles.get((of, each)) == each, each))
        shapes.setdefault(tuple(ordered), []).append(account)
    template = observed.stack_set.template if observed.stack_set is not None else ""
    digest = template_digest(template) or "0" * 12
    for regions, accounts in shapes.items():
        batch = Batch(
            id=new_operation_id(digest),
            action=Action.DELETE,
            accounts=tuple(accounts),
            regions=regions,
            retain=retain,
        )
        yield from split_by_units(batch, unit_of_instances(observed, units))


def _words(place: Place) -> str:
    return f"{place[0]} in {place[1]}"


def _some(words: list[str]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return listed(words[:_SHOWN]) + more
