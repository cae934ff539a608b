"""The files of ``monitoring fence``: per account its service control policies, per Region a Guard Hook, and a page."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model import naming
from pinekeep.model.arns import path_of, policy_arn
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.models import alias_of
from pinekeep.model.config.roles import planned_roles
from pinekeep.model.customers.packing import Packing
from pinekeep.model.facts import aws
from pinekeep.model.output.monitoring import (
    FenceAccountOutput,
    FenceDeploymentOutput,
    FenceHookOutput,
    FencePolicyOutput,
    MonitoringFenceOutput,
)
from pinekeep.model.policies.fence import Fenced, fence_policy, packed, policy_text
from pinekeep.model.policies.guard import RULES_FILE, guard_hook_template, guard_rules
from pinekeep.operations.monitoring.fence_page import fence_page

TEMPLATE_FILE: Final = "guard-hook.template.json"
PAGE_FILE: Final = "README.md"
_NUMBERED: Final = "scp-*.json"


def write_fence(
    configuration: Configuration, deployments: Mapping[str, Deployment], *, folder: Path
) -> MonitoringFenceOutput:
    """Write the files for the deployments with ``monitoring.fence``, the same bytes each time.

    Raises WrongInputError, before anything is written, if no deployment has a fence, a key's own waiting period is
    shorter than the fence's, or a policy is larger than AWS allows; and if a file cannot be written.
    """
    fenced = [
        fenced_of(name, each, configuration.rosters.packings.get(name))
        for name, each in deployments.items()
        if each.monitoring is not None and each.monitoring.fence is not None
    ]
    if not fenced:
        example = 'monitoring: {fence: {administrators: ["arn:aws:iam::ACCOUNT:role/key-*"]}}'
        raise WrongInputError("no selected deployment has monitoring.fence", hint=f"write {example}")
    files: dict[str, str] = {}
    accounts = [
        _account(account, [each for each in fenced if each.account == account], folder, files)
        for account in dict.fromkeys(each.account for each in fenced)
    ]
    output = MonitoringFenceOutput(
        readme=str(folder / PAGE_FILE), accounts=accounts, deployments=[_deployment(each) for each in fenced]
    )
    files[output.readme] = fence_page(output, folder=folder)
    _write(files)
    for account in accounts:
        written = {Path(each.file) for each in account.policies}
        for left in sorted(set((folder / account.account).glob(_NUMBERED)) - written):
            left.unlink()
    return output


def fenced_of(name: str, deployment: Deployment, customers: Packing | None) -> Fenced:
    """Return what is protected of a deployment with ``monitoring.fence``.

    Raises WrongInputError if its key would be created with a waiting period that the fence refuses.
    """
    fence = deployment.monitoring and deployment.monitoring.fence
    cmek = deployment.cmek
    if not fence or cmek is None:
        raise ValueError(f"deployment {name} has no fence")
    alias = alias_of(name, deployment)
    if alias and cmek.key.deletion_window_days < fence.minimum_waiting_days:
        raise WrongInputError(
            f"{name}: the key's deletion_window_days is {cmek.key.deletion_window_days}, less than the fence's "
            f"minimum_waiting_days, {fence.minimum_waiting_days}",
            hint=f"write deletion_window_days: {fence.minimum_waiting_days} under cmek.key",
        )
    roles = planned_roles(name, deployment, customers)
    return Fenced(
        name=name,
        account=deployment.account,
        region=deployment.region,
        stack=naming.cmek_stack(name),
        alias=alias,
        multi_region=cmek.key.multi_region,
        adopted=cmek.key.adopt if cmek.has_own_key else None,
        roles=tuple(each.arn for each in roles),
        policies=tuple(
            policy_arn(
                account=deployment.account,
                policy_name=f"{naming.customer_policies(each.name)}-*",
                path=path_of(each.arn),
            )
            for each in roles
            if cmek.customer_keys
        ),
        administrators=tuple(fence.administrators),
        waiting_days=fence.minimum_waiting_days,
    )


def _account(account: str, fenced: Sequence[Fenced], folder: Path, files: dict[str, str]) -> FenceAccountOutput:
    """Return the files of one account, and add their texts to ``files``."""
    place = folder / account
    policies = []
    for number, group in enumerate(_packed(fenced), start=1):
        path = str(place / ("scp.json" if number == 1 else f"scp-{number}.json"))
        files[path] = policy_text(fence_policy(group))
        names = [each.name for each in group]
        policies.append(FencePolicyOutput(file=path, characters=len(files[path]), deployments=names))
    hooks = []
    for region in dict.fromkeys(each.region for each in fenced):
        here = [each for each in fenced if each.region == region]
        rules, template = str(place / region / RULES_FILE), str(place / region / TEMPLATE_FILE)
        files[rules] = guard_rules(here)
        files[template] = json.dumps(guard_hook_template(), indent=2) + "\n"
        names = [each.name for each in here]
        hooks.append(FenceHookOutput(region=region, rules=rules, template=template, deployments=names))
    return FenceAccountOutput(account=account, policies=policies, hooks=hooks)


def _packed(fenced: Sequence[Fenced]) -> list[list[Fenced]]:
    for each in fenced:
        size = len(policy_text(fence_policy([each])))
        if size > aws.SCP_MAX:
            raise WrongInputError(
                f"the service control policy of {each.name} would have {size:,} characters; AWS Organizations takes "
                f"{aws.SCP_MAX:,}",
                hint="name fewer administrators, with a wildcard in the name: role/key-*",
            )
    return packed(fenced)


def _deployment(fenced: Fenced) -> FenceDeploymentOutput:
    return FenceDeploymentOutput(
        deployment=fenced.name,
        key=fenced.alias or fenced.adopted,
        roles=list(fenced.roles),
        administrators=list(fenced.administrators),
        minimum_waiting_days=fenced.waiting_days,
    )


def _write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        try:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise WrongInputError(f"{error.filename or name} cannot be written: {error.strerror}") from None
