"""Reading the targets of fleets: the values for all with the values of each row, validated as deployments are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from pinekeep.model.config.fleet import accounts, columns
from pinekeep.model.config.fleet.accounts import Wanted
from pinekeep.model.config.fleet.claims import Claims, Conflict
from pinekeep.model.config.fleet.merging import accounts_in, at_target, merged, placed, settings_for_all, with_variables
from pinekeep.model.config.fleet.placing import EXTERNAL_ID, Problems
from pinekeep.model.config.fleet.rows import Rows, read_rows
from pinekeep.model.config.fleet.selection import fleet_of
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.fleet.validation import Validation, missing
from pinekeep.model.config.loading import Configuration
from pinekeep.model.config.models import Deployment
from pinekeep.model.config.problems import ConfigurationError, Path, Problem
from pinekeep.model.values.trust import is_plain_external_id
from pinekeep.model.words import listed

_OF_VARIABLES: Final = (columns.ACCOUNT, columns.REGION)
"""The settings of a target that variables stand for."""
_PLACES: Final = tuple((each,) for each in _OF_VARIABLES)


def read_targets(configuration: Configuration, name: str, *, members: Mapping[str, Sequence[str]] = {}) -> FleetTargets:
    """Return the targets of a fleet.

    ``members``: the accounts of organizational units, as AWS lists them; without, the units have none. Raises
    ConfigurationError with all problems of all rows, WrongInputError if the file has no fleet of this name.
    """
    fleet_of(configuration, name)
    return read_fleets(configuration, members=members, only=name)[name]


def read_fleets(
    configuration: Configuration, *, members: Mapping[str, Sequence[str]] = {}, only: str | None = None
) -> dict[str, FleetTargets]:
    """Return the targets of all fleets of a file, or ``only`` of one, by name. See :func:`read_targets`.

    All fleets are read in any case: two of them, or a fleet and a deployment, could create the same thing.
    """
    claims = Claims(configuration.content)
    found: dict[str, FleetTargets] = {}
    problems: list[Problem] = []
    more = 0
    for name, fleet in configuration.content.fleet.items():
        reading = _Reading(configuration, name, fleet, members)
        targets = reading.targets()
        is_asked = only in (None, name)
        conflicts = [] if reading.problems.has_errors else list(claims.conflicts(targets))
        concerned = [each for each in conflicts if is_asked or each.other == only]
        reading.add_conflicts(concerned)
        if is_asked or concerned:
            problems += reading.problems.found
            more += reading.problems.more
        if is_asked:
            found[name] = targets
    if any(each.severity == "error" for each in problems):
        raise ConfigurationError(str(configuration.path), problems, more=more)
    return {name: replace(each, warnings=tuple(problems)) for name, each in found.items()}


class _Reading:
    """Reads the targets of one fleet, and collects their problems."""

    def __init__(
        self, configuration: Configuration, name: str, fleet: Fleet, members: Mapping[str, Sequence[str]]
    ) -> None:
        self._configuration = configuration
        self._name = name
        self._fleet = fleet
        self._members = members
        self._settings = settings_for_all(name, fleet)
        self._variables = with_variables(self._settings)
        self._validation = Validation(configuration.content, name)
        self._distinguished = accounts_in(self._settings) | {str(configuration.content.pinecone_account)}
        """Accounts in the settings: rules may tell them from others."""
        self._valid: set[str] = set()
        self._wanted: dict[tuple[str, str], Wanted] = {}
        self._refused: set[int] = set()
        """The numbers of rows that are not valid."""
        self.problems = Problems(configuration.path, name)

    def targets(self) -> FleetTargets:
        """Return the valid targets."""
        found: list[Target] = []
        incomplete: dict[str, str] = {}
        for account, entries in accounts.wanted_accounts(self._fleet, self._rows(), self._members).items():
            if accounts.is_management(account, self._fleet):
                if not entries[0].is_named:
                    incomplete[account] = accounts.MANAGEMENT
                else:
                    self._refuse_management(entries[0])
                continue
            region = self._role_region(entries)
            for each in entries:
                reason, deployment = self._deployment(each)
                if reason is not None:
                    incomplete[account] = reason
                elif deployment is not None:
                    found.append(self._target(each, deployment, region))
        found.sort(key=lambda each: (each.account, each.region != each.role_region, each.region))
        return FleetTargets(
            name=self._name,
            fleet=self._fleet,
            pinecone_account=self._configuration.content.pinecone_account,
            targets=tuple(found),
            incomplete=tuple(incomplete.items()),
        )

    def add_conflicts(self, conflicts: Sequence[Conflict]) -> None:
        """Add conflicts of targets with others."""
        for each in conflicts:
            wanted = self._wanted[each.target.account, each.target.region]
            severity = "warning" if each.warn else "error"
            self.problems.add(wanted, Problem(each.code, each.message, each.hint, each.path, severity=severity))

    def _rows(self) -> Rows:
        if self._fleet.file is None:
            return Rows("")
        try:
            rows = read_rows(self._configuration.path, self._fleet.file)
        except ConfigurationError as error:
            rows = Rows(error.file, problems=tuple(replace(each, file=error.file) for each in error.problems))
        self.problems.add_rows(rows)
        return rows

    def _refuse_management(self, wanted: Wanted) -> None:
        message, hint = f"{wanted.account}: {accounts.MANAGEMENT}", "remove it; set it up with a deployment of its own"
        self.problems.add(wanted, Problem("fleet-management-account", message, hint, (columns.ACCOUNT,)))

    def _role_region(self, entries: list[Wanted]) -> str | None:
        """Check what the targets of an account have in common. Return the Region of its role."""
        self.problems.add_all(accounts.targets_differ(entries))
        if self._settings.get("cmek") is None:
            self.problems.add_all(accounts.no_role_has_a_region(entries))
            return None
        self.problems.add_all(accounts.role_has_one_region(entries, self._fleet))
        self.problems.add_all(accounts.role_is_the_same(entries, self._settings))
        self.problems.add_all(accounts.existing_keys_are_of_one_region(entries, self._settings))
        return accounts.role_region(entries, self._fleet)

    def _target(self, wanted: Wanted, deployment: Deployment, role_region: str | None) -> Target:
        account, region = deployment.account, deployment.region
        self._wanted.setdefault((account, region), wanted)
        place = f"{self._fleet.file}:{wanted.row.line}" if wanted.row else None
        return Target(account=account, region=region, deployment=deployment, role_region=role_region, place=place)

    def _data(self, wanted: Wanted) -> dict[str, Any]:
        """Return the complete settings of a target."""
        values = {**self._variables, **(wanted.row.values if wanted.row else {})}
        data = merged(self._settings, at_target(values, account=wanted.account, region=wanted.region))
        placed(data, fleet=self._fleet, account=wanted.account, region=wanted.region)
        if wanted.account is None:
            del data[columns.ACCOUNT]
        return data

    def _deployment(self, wanted: Wanted) -> tuple[str | None, Deployment | None]:
        """Return the deployment of a target; or why an account of a unit needs a row; or neither, with problems."""
        data = self._data(wanted)
        try:
            deployment = Deployment.model_validate(data)
        except ValidationError as error:
            lacks = list(missing(error))
            if lacks and not wanted.is_named:
                return f"it has no {listed(list(map(columns.dotted, lacks)))}", None
            self._refuse(wanted, data, error, lacks)
            return None, None
        alike = self._alike(wanted)
        if alike is None or alike not in self._valid:
            found = self._validation.rule_problems(deployment)
            for each in found:
                self.problems.add(wanted, each)
            if alike is not None and not found:
                self._valid.add(alike)
        return None, deployment

    def _alike(self, wanted: Wanted) -> str | None:
        """Return what the rules see of a target but its account and external ID, or None if they could see those.

        Targets that are alike are judged alike: no rule distinguishes two accounts that no setting names, nor two
        external IDs of one form.
        """
        values = wanted.row.values if wanted.row else {}
        others = {path: each for path, each in values.items() if path != EXTERNAL_ID or not is_plain_external_id(each)}
        if wanted.account in self._distinguished or (others and wanted.account in accounts_in(list(others.values()))):
            return None
        return f"{wanted.region} {sorted(others.items()) if others else ''}"

    def _refuse(self, wanted: Wanted, data: dict[str, Any], error: ValidationError, lacks: list[Path]) -> None:
        if wanted.row is not None:
            is_told = wanted.row.number in self._refused and all(
                each["loc"][:1] != ("region",) for each in error.errors()
            )
            self._refused.add(wanted.row.number)
            if is_told:
                return  # of another Region of the row
        if self.problems.are_many:
            self.problems.more += error.error_count()
            return
        for path in lacks:
            self.problems.add_missing(wanted, path)
        wrong = {each["loc"][0] for each in error.errors() if each["loc"][:1] in _PLACES}
        if wrong:
            # Settings that name the account or Region by a variable are not wrong because that is.
            sample = replace(
                wanted,
                account=self._fleet.administrator.account if columns.ACCOUNT in wrong else wanted.account,
                region=self._fleet.regions[0] if columns.REGION in wrong else wanted.region,
            )
            unlike = (*_OF_VARIABLES, *(("assume_role",) if columns.ACCOUNT in wrong else ()))
            own = {name: data[name] for name in _OF_VARIABLES if name in data}
            data = {**{name: each for name, each in self._data(sample).items() if name not in unlike}, **own}
            error = _error_of(data) or error
        for each in self._validation.problems(data, error, self.problems.source_of(wanted), incomplete=True):
            self.problems.add(wanted, each)


def _error_of(data: Mapping[str, Any]) -> ValidationError | None:
    try:
        Deployment.model_validate(data)
    except ValidationError as error:
        return error
    return None
