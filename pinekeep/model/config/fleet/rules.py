"""Rules about a fleet as the configuration file has it, without the rows of its file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from pydantic import ValidationError

from pinekeep.model.config.fleet.columns import PARTS, REFUSED, dotted
from pinekeep.model.config.fleet.merging import at_target, merged, settings_for_all, with_variables
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.fleet.validation import Validation, as_deployment, settings_path
from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.partial import UNKNOWN, UnknownValueError, known_items
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.lists import lists_of
from pinekeep.model.config.yaml_source import YamlSource
from pinekeep.model.facts import aws
from pinekeep.model.words import listed, plain

_SAMPLE: Final = "111122223333"


@dataclass(frozen=True)
class _Here:
    name: str
    fleet: Fleet
    file: PinekeepFile

    def problem(self, code: str, message: str, hint: str, *path: str | int) -> Problem:
        return Problem(code, message, hint, ("fleet", self.name, *path))


def fleet_problems(content: PinekeepFile, source: YamlSource) -> list[Problem]:
    """Return the problems of the fleets of a file. The file may be partial. Positions are set by the caller."""
    fleets = content.fleet
    if not isinstance(fleets, Mapping):
        return []
    found: list[Problem] = []
    for name, fleet in fleets.items():
        if fleet is UNKNOWN:
            continue
        here = _Here(name, fleet, content)
        for rule in (*_RULES, partial(_settings, source=source)):
            try:
                found += rule(here)
            except UnknownValueError:
                continue
    return found


def _settings(here: _Here, source: YamlSource) -> list[Problem]:
    """Return the problems of the settings for all targets, which may lack what rows have."""
    settings = here.fleet.settings
    if not isinstance(settings, dict) or any(each is UNKNOWN for each in settings.values()):
        return []
    refused = {str(path[0]) for path in REFUSED if len(path) == 1}
    tags = here.fleet.tags.items() if isinstance(here.fleet.tags, dict) else ()
    known = {"settings": _without(settings, refused), "tags": {key: each for key, each in tags if each is not UNKNOWN}}
    data = settings_for_all(here.name, here.fleet.model_copy(update=known))
    data = merged(data, at_target(with_variables(data), account=_sample(here), region=_region(here)))
    error = None
    try:
        Deployment.model_validate({**data, "account": _sample(here), "region": _region(here)})
    except ValidationError as caught:
        error = caught
    found = Validation(here.file, here.name).problems(
        data, error, as_deployment(source, here.name, data), incomplete=True
    )
    # Without a part, a rule above says so.
    return [
        replace(each, path=settings_path(here.name, each.path)) for each in found if each.code != "nothing-to-deploy"
    ]


def _without(settings: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    found = {name: each for name, each in settings.items() if name not in names}
    link = found.get("private_link")
    if isinstance(link, Mapping):
        found["private_link"] = {name: each for name, each in link.items() if ("private_link", name) not in REFUSED}
    return found


def _sample(here: _Here) -> str:
    """Return an account number for the variables in settings: any will do where the account is not known yet."""
    accounts = here.fleet.accounts
    given = [each for _, each in known_items(accounts)] if isinstance(accounts, list) else []
    return given[0] if given else _SAMPLE


def _region(here: _Here) -> str:
    regions = here.fleet.regions
    given = [each for _, each in known_items(regions)] if isinstance(regions, list) else []
    return given[0] if given else aws.GLOBAL_EVENTS_REGION


# --- Rules ---


def has_one_part(here: _Here) -> Iterator[Problem]:
    """A fleet has one shape: a stack set has one template."""
    given = [each for each in PARTS if here.fleet.settings.get(each) is not None]
    if not given:
        message = f"the settings have neither {' nor '.join(PARTS)}: there is nothing to deploy"
        yield here.problem("fleet-without-part", message, "add one of them", "settings")
    elif len(given) > 1:
        message = f"the settings have {' and '.join(given)}, and a stack set has one template"
        yield here.problem("fleet-parts", message, "define a fleet for each, with the same targets", "settings")


def has_settings_of_templates(here: _Here) -> Iterator[Problem]:
    """A fleet has the settings of released templates."""
    for path, (reason, hint) in REFUSED.items():
        value: Any = here.fleet.settings
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            message = f"{dotted(path)} is no setting of a fleet: {reason}"
            yield here.problem("fleet-setting", message, hint, "settings", *path)


def has_targets(here: _Here) -> Iterator[Problem]:
    """A fleet has targets."""
    fleet = here.fleet
    if not fleet.accounts and not fleet.units and fleet.file is None:
        hint = "list accounts or units, or name a file with a row for each account"
        yield here.problem("fleet-without-targets", "the fleet has no accounts, no units and no file", hint)


def permissions_have_their_settings(here: _Here) -> Iterator[Problem]:
    """Units and delegated administrators are of AWS Organizations, roles of self-managed permissions."""
    fleet = here.fleet
    if fleet.permissions == "self-managed":
        if fleet.units:
            message = "units need service-managed permissions: self-managed permissions take account numbers"
            yield here.problem(
                "fleet-units", message, "list the accounts, or write permissions: service-managed", "units"
            )
        if fleet.delegated:
            message = "a delegated administrator is one of service-managed permissions"
            hint = "remove delegated, or write permissions: service-managed"
            yield here.problem("fleet-delegated", message, hint, "delegated")
        return
    for name in ("administration_role_arn", "execution_role_name"):
        if getattr(fleet, name) is not None:
            message = f"with service-managed permissions AWS creates the roles, so {name} has no effect"
            hint = f"remove {name}, or write permissions: self-managed"
            yield here.problem("fleet-roles", message, hint, name)


def administrator_is_itself(here: _Here) -> Iterator[Problem]:
    """The administrator's credentials and role are of its own account."""
    fleet, account = here.fleet, here.fleet.administrator.account
    if fleet.administrator.profile is not None and fleet.administrator.assume_role is not None:
        message = "profile and assume_role are both set, and the credentials come from one of them"
        hint = "keep one; a profile can itself assume a role: role_arn and source_profile in the AWS configuration"
        yield here.problem("profile-and-role", message, hint, "administrator", "assume_role")
    for arn, path in (
        (fleet.administrator.assume_role, ("administrator", "assume_role")),
        (fleet.administration_role_arn, ("administration_role_arn",)),
    ):
        if arn is not None and arn.split(":")[4] != account:
            message = f"the role is in account {arn.split(':')[4]}, the administrator in {account}"
            yield here.problem("fleet-role-account", message, "name a role of the administrator's account", *path)
    if account == here.file.pinecone_account:
        message = f"{account} is given both as the administrator's account and as Pinecone's"
        yield here.problem("same-account", message, "name an account of yours", "administrator", "account")


def role_region_is_a_region(here: _Here) -> Iterator[Problem]:
    """The role is in one of the Regions, and only a fleet with cmek has one."""
    fleet = here.fleet
    if fleet.role_region is None:
        return
    regions = [each for _, each in known_items(fleet.regions)]
    if fleet.settings.get("cmek") is None and fleet.settings.get("private_link") is not None:
        message, hint = "without cmek there is no role", "remove it"
        yield here.problem("role-region-without-role", message, hint, "role_region")
    elif len(regions) == len(fleet.regions) and fleet.role_region not in regions:
        message = f"the role's Region is not among the Regions of the fleet: {listed(regions)}"
        yield here.problem("role-region", message, f"add {fleet.role_region} to regions, or name one of them",
                           "role_region")  # fmt: skip


def regions_are_sequential(here: _Here) -> Iterator[Problem]:
    """With cmek, the Region of the role comes first."""
    if here.fleet.settings.get("cmek") is not None and here.fleet.operation.regions == "parallel":
        message = "with cmek the Regions are deployed to one after another: the keys name the role, which comes first"
        yield here.problem("fleet-parallel", message, "remove regions: parallel", "operation", "regions")


def lists_are_whole(here: _Here) -> Iterator[Problem]:
    """A list has enough items, and none twice."""
    for kind, names in lists_of(Fleet):
        values = getattr(here.fleet, names[0])
        if not isinstance(values, list):
            continue
        if (error := kind.few(len(values))) is not None:
            yield here.problem(error.code, error.message, error.hint or "", *names)
        for index, error in kind.repeated(known_items(values)):
            yield here.problem(error.code, error.message, error.hint or "", *names, index)


def tags_are_set_once(here: _Here) -> Iterator[Problem]:
    """A tag is set in one of two places, and there are not too many."""
    fleet = here.fleet
    tags = fleet.settings.get("tags") or {}
    if not isinstance(tags, Mapping):
        return
    for key in tags:
        if key in fleet.tags:
            message = f"the tag {plain(str(key))} is already set under tags of the fleet"
            yield here.problem("fleet-tag-twice", message, "keep one", "settings", "tags", str(key))
    most = aws.TAGS_MAX - 2
    if len({**fleet.tags, **tags}) > most:
        message = f"at most {most} tags are allowed, got {len({**fleet.tags, **tags})}: two are Pinekeep's own"
        yield here.problem("fleet-tags", message, "remove those that matter least", "settings", "tags")


def name_is_its_own(here: _Here) -> Iterator[Problem]:
    """A fleet and a deployment of a file have different names: stacks, tags and records are named after both."""
    if isinstance(here.file.deployments, Mapping) and here.name in here.file.deployments:
        message = f"{plain(here.name)} is already the name of a deployment of this file"
        yield here.problem("fleet-name-taken", message, "give the fleet another name")


_RULES: Final = (
    has_one_part,
    has_settings_of_templates,
    has_targets,
    permissions_have_their_settings,
    administrator_is_itself,
    role_region_is_a_region,
    regions_are_sequential,
    lists_are_whole,
    tags_are_set_once,
    name_is_its_own,
)
