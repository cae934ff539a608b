"""The reasons and remedies in the plan of a fleet, in words."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.stack_sets import Instance
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.operations.fleet.classification import RULES
from pinekeep.operations.fleet.desired import digest_of
from pinekeep.operations.fleet.observed import Observed
from pinekeep.operations.fleet.plans import SetChanges
from pinekeep.operations.plan.rules import Rule

REVERT: Final = (
    "change it back in the file: Pinecone keeps the values that it was given; for other values, a new project needs a "
    "deployment or a fleet of its own"
)
"""Instead of a change of parameters that breaks Pinecone."""
ENDPOINT: Final = (
    "change it back in the file; to change to another endpoint, take the account out of the file, which leaves this "
    "one, create the other one with a deployment, register it in Pinecone, then remove this one"
)
"""Instead of a change of parameters that replaces an endpoint."""
OTHER_VERSION: Final = (
    "use the version of Pinekeep that deployed the stack set, whose template says which; a new version must not break "
    "what exists: please report it"
)
"""Instead of a change of the template alone that breaks Pinecone."""


def remedy_of(rule: Rule, *, by_values: bool) -> str:
    """Return what to do where a rule holds an instance back: remedies of single deployments need their settings.

    ``by_values``: whether parameters change, and not the template alone.
    """
    if rule in RULES and rule.remedy is not None:
        return rule.remedy
    if not by_values:
        return OTHER_VERSION
    return ENDPOINT if rule.remedy is not None else REVERT


def removal(fleet: str, account: str, region: str) -> str:
    """Return the command that takes an instance out of the stack set."""
    return f"pinekeep fleet remove --fleet {fleet} --account {account} --region {region}"


def why_outdated(instance: Instance) -> str:
    """Return why an instance is outdated, by the result of its last operation."""
    match instance.detailed_status:
        case "FAILED":
            return "its last operation failed"
        case "CANCELLED":
            return "its last operation was cancelled before it began"
        case "PENDING" | "RUNNING":
            return "an operation of it is under way"
        case _:
            return "its stack does not have the template of the stack set yet"


def because(what: str, instance: Instance) -> str:
    """Return a reason with CloudFormation's explanation, if it gives one."""
    return f"{what}: {' '.join(instance.reason.split())}" if instance.reason else what


def quiet(names: tuple[str, ...], *, template: bool) -> str:
    """Return what changes where no resource does."""
    what = [*(["the template"] if template else []), *([f"parameters ({', '.join(names)})"] if names else [])]
    return f"{' and '.join(what)} of the stack {'change' if len(what) > 1 or names else 'changes'}, and no resource"


def warnings(found: FleetTargets, observed: Observed, changes: SetChanges, *, narrowed: bool) -> Iterator[str]:
    """Yield what deserves attention, and is no obstacle. ``narrowed``: whether the plan is of some targets alone."""
    for each in observed.under_way:
        whose = "an operation of this program" if digest_of(each.id) else "an operation that somebody else started"
        since = f" since {each.created:%Y-%m-%d %H:%M} UTC" if each.created else ""
        yield (
            f"{whose} is under way on the stack set{since} ({each.action}, {each.status}, {each.id}): the plan may "
            "change with it"
        )
    if narrowed and (changes.template or changes.tags):
        yield (
            "the stack set changes for all of its instances: those outside of this plan are outdated until they are "
            "updated, too"
        )
    stack_set = observed.stack_set
    if stack_set is not None and stack_set.auto_deployment:
        yield (
            "automatic deployment of the stack set is on: it would deploy to new accounts without values of their own; "
            f"`pinekeep fleet deploy --fleet {found.name}` turns it off"
        )
