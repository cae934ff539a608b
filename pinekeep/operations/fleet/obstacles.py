"""What keeps a fleet from being deployed as a whole: all of it at once, as problems of the configuration file."""

import shlex
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from pinekeep.account.reads.stack_sets import StackSet
from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.config import ConfigurationError, Problem
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.facts import stack_sets as facts
from pinekeep.operations.fleet.desired import CAPABILITIES, Place, call_as, set_tags
from pinekeep.operations.fleet.members import Members
from pinekeep.operations.fleet.observed import Observed
from pinekeep.operations.fleet.surroundings import Surroundings

_MODELS: Final = {"service-managed": "SERVICE_MANAGED", "self-managed": "SELF_MANAGED"}
_ENABLED: Final = "ENABLED"
_NAME: Final = "DeploymentName"
"""The parameter of the released templates with the fleet's name."""


def require_no_obstacles(
    found: FleetTargets,
    observed: Observed,
    surroundings: Surroundings,
    *,
    new: Collection[Place],
    members: Members,
    file: str,
) -> None:
    """Refuse a fleet that cannot be deployed as a whole, with ConfigurationError and all reasons."""
    problems = [
        *_of_stack_set(found, observed.stack_set),
        *_of_organization(found, surroundings, new),
        *_of_accounts(found, surroundings, new, members),
        *_of_quotas(found, observed, surroundings, new),
        *_of_rivals(found, surroundings, new),
    ]
    if problems:
        raise ConfigurationError(file, problems)


def _of_stack_set(found: FleetTargets, stack_set: StackSet | None) -> Iterator[Problem]:
    if stack_set is None:
        return
    fleet, path = found.fleet, ("fleet", found.name)
    owner = stack_set.tags.get(naming.FLEET_TAG)
    if owner != found.name:
        whose = f"it is of fleet {owner}" if owner else f"it has no tag {naming.FLEET_TAG}"
        hint = "give the fleet another name, or delete that stack set if nobody needs it"
        if not owner and stack_set.parameters.get(_NAME) == found.name:
            hint = f"it deploys {found.name}, so somebody took its tags: set them again: {_tagging(found, stack_set)}"
        yield Problem(
            "fleet-stack-set-taken",
            f"stack set {stack_set.name} in account {fleet.administrator.account} is not this fleet's: {whose}",
            hint,
            path,
        )
        return
    if stack_set.permission_model != _MODELS[fleet.permissions]:
        has = next((name for name, model in _MODELS.items() if model == stack_set.permission_model), "other")
        yield Problem(
            "fleet-permissions",
            f"stack set {stack_set.name} has {has} permissions, which cannot change while it has instances",
            f"write permissions: {has}",
            (*path, "permissions"),
        )
        return
    if fleet.permissions == "self-managed":
        role = fleet.administration_role_arn or role_arn(
            account=fleet.administrator.account, role_name=facts.ADMINISTRATION_ROLE
        )
        if stack_set.administration_role_arn not in (None, role):
            yield Problem(
                "fleet-administration-role",
                f"stack set {stack_set.name} has administration role {stack_set.administration_role_arn}, not {role}",
                f"write administration_role_arn: {stack_set.administration_role_arn}",
                (*path, "administration_role_arn"),
            )
        execution = fleet.execution_role_name or facts.EXECUTION_ROLE
        if stack_set.execution_role_name not in (None, execution):
            yield Problem(
                "fleet-execution-role",
                f"stack set {stack_set.name} has execution role {stack_set.execution_role_name}, not {execution}",
                f"write execution_role_name: {stack_set.execution_role_name}",
                (*path, "execution_role_name"),
            )


def _tagging(found: FleetTargets, stack_set: StackSet) -> str:
    """Return the command that gives a stack set its tags again, and changes nothing else."""
    given = [
        *(("--call-as", call) for call in [call_as(found)] if call),
        *(("--administration-role-arn", arn) for arn in [stack_set.administration_role_arn] if arn),
        *(("--execution-role-name", name) for name in [stack_set.execution_role_name] if name),
    ]
    tags = [shlex.quote(f"Key={key},Value={value}") for key, value in set_tags(found).items()]
    values = [f"ParameterKey={name},UsePreviousValue=true" for name in stack_set.parameters]
    return (
        f"aws cloudformation update-stack-set --stack-set-name {stack_set.name} "
        f"--region {found.fleet.administrator.region} --use-previous-template --capabilities {' '.join(CAPABILITIES)} "
        f"{''.join(f'{option} {value} ' for option, value in given)}--tags {' '.join(tags)} "
        f"--parameters {' '.join(values)}"
    )


def _of_organization(found: FleetTargets, surroundings: Surroundings, new: Collection[Place]) -> Iterator[Problem]:
    fleet, path = found.fleet, ("fleet", found.name)
    if fleet.permissions != "service-managed" or surroundings.unreadable or not new:
        return
    account, its = fleet.administrator.account, surroundings.organization
    if its is None:
        yield Problem(
            "fleet-organization",
            f"account {account} is in no organization, which service-managed permissions require",
            "write permissions: self-managed, or name the organization's management account",
            (*path, "permissions"),
        )
        return
    if not its.all_features:
        yield Problem(
            "fleet-organization",
            f"organization {its.id} has consolidated billing alone, and StackSets requires all features",
            "enable all features: aws organizations enable-all-features",
            (*path, "permissions"),
        )
    is_management = its.management_account == account
    if fleet.delegated and is_management:
        yield Problem(
            "fleet-delegated",
            f"account {account} is the management account of the organization, not a delegated administrator",
            "write delegated: false",
            (*path, "delegated"),
        )
    elif fleet.delegated and surroundings.delegated is not None and account not in surroundings.delegated:
        yield Problem(
            "fleet-delegated",
            f"account {account} is not a delegated administrator of StackSets",
            "in the management account: aws organizations register-delegated-administrator --service-principal "
            f"{facts.PRINCIPAL} --account-id {account}",
            (*path, "administrator", "account"),
        )
    elif not fleet.delegated and not is_management:
        yield Problem(
            "fleet-delegated",
            f"account {account} is not the management account of the organization, which is {its.management_account}",
            "write delegated: true if it is a delegated administrator of StackSets, or name the management account",
            (*path, "administrator", "account"),
        )
    if surroundings.access not in (None, _ENABLED):
        yield Problem(
            "fleet-trusted-access",
            f"StackSets has no trusted access to organization {its.id}: it is {surroundings.access}",
            "in the management account: aws cloudformation activate-organizations-access",
            (*path, "permissions"),
        )


def _of_accounts(
    found: FleetTargets, surroundings: Surroundings, new: Collection[Place], members: Members
) -> Iterator[Problem]:
    its = surroundings.organization
    if its is None:
        return
    in_units = {each for unit in members.by_unit.values() for each in unit}
    for account in sorted({account for account, _ in new}):
        place = _place_of(found, account)
        if account == its.management_account:
            yield Problem(
                "fleet-management-account",
                f"{place}{account} is the management account, to which service-managed permissions do not deploy",
                "remove it; set it up with a deployment of its own",
                ("fleet", found.name),
            )
        elif surroundings.accounts is not None and account not in in_units:
            known = surroundings.accounts.get(account)
            if known is None:
                yield Problem(
                    "fleet-foreign-account",
                    f"{place}account {account} is not in organization {its.id}",
                    "remove it; accounts of others get a launch link: `pinekeep parameters`",
                    ("fleet", found.name),
                )
            elif not known.is_active:
                yield Problem(
                    "fleet-suspended-account",
                    f"{place}account {account} is not active: it is {known.status}",
                    "remove it; CloudFormation skips it",
                    ("fleet", found.name),
                )


def _of_quotas(
    found: FleetTargets, observed: Observed, surroundings: Surroundings, new: Collection[Place]
) -> Iterator[Problem]:
    quotas, path = surroundings.quotas, ("fleet", found.name)
    wanted = len(observed.instances) + len(new)
    if new and quotas.instances is not None and wanted > quotas.instances:
        yield Problem(
            "fleet-quota",
            f"the stack set would have {wanted:,} instances, and the quota is {quotas.instances:,} per stack set",
            "request a higher quota in Service Quotas (CloudFormation, Stack instances per stack set), or divide the "
            "fleet",
            path,
        )
    is_new = observed.stack_set is None
    if is_new and quotas.stack_sets is not None and surroundings.stack_sets + 1 > quotas.stack_sets:
        yield Problem(
            "fleet-quota",
            f"the account has {surroundings.stack_sets:,} stack sets, and the quota is {quotas.stack_sets:,}",
            "request a higher quota in Service Quotas (CloudFormation, Stack sets per administrator account)",
            path,
        )


def _of_rivals(found: FleetTargets, surroundings: Surroundings, new: Iterable[Place]) -> Iterator[Problem]:
    for place in sorted(new):
        if place in surroundings.rivals:
            account, region = place
            yield Problem(
                "fleet-twice",
                f"{_place_of(found, account)}account {account} in {region} is deployed by fleet "
                f"{surroundings.rivals[place]} already",
                "remove it from one of the two fleets: an account and Region have one role and one key of a fleet",
                ("fleet", found.name),
            )


def _place_of(found: FleetTargets, account: str) -> str:
    place = next((each.place for each in found.targets if each.account == account and each.place), None)
    return f"{place}: " if place else ""
