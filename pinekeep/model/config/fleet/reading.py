"""Reading the targets of fleets: the values for all with the values of each row, validated as deployments are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError

from pinekeep.errors import WrongInputError
from pinekeep.model.config.fleet import columns
from pinekeep.model.config.fleet.claims import Claims, Conflict
from pinekeep.model.config.fleet.merging import accounts_in, at_target, has_variables, merged, settings_for_all
from pinekeep.model.config.fleet.rows import Row, Rows, read_rows
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.fleet.validation import Validation, as_deployment, missing, settings_path
from pinekeep.model.config.loading import Configuration
from pinekeep.model.config.models import Deployment
from pinekeep.model.config.problems import MAX_PROBLEMS, ConfigurationError, Path, Position, Problem
from pinekeep.model.config.yaml_source import YamlSource, read_yaml
from pinekeep.model.values.trust import is_plain_external_id
from pinekeep.model.words import did_you_mean, listed, plain, shown

_EXTERNAL_ID: Final[Path] = ("cmek", "trust", "external_id")
_OF_THE_ROLE: Final[tuple[Path, ...]] = (
    ("cmek", "role_name"),
    ("cmek", "trust"),
    ("iam_path",),
    ("permissions_boundary",),
)
"""The settings of the role, of which there is one in an account."""
_OF_VARIABLES: Final = (columns.ACCOUNT, columns.REGION)
_PLACES: Final = tuple((each,) for each in _OF_VARIABLES)
_NEW_ID: Final = "`pinekeep fleet targets --add ACCOUNT` writes rows with new external IDs"
_SPREADSHEET: Final = ("account-format", "account-not-quoted")
_AS_TEXT: Final = "format the column as text in the spreadsheet, and write the 12 digits without spaces or hyphens"


def read_targets(configuration: Configuration, name: str, *, members: Mapping[str, Sequence[str]] = {}) -> FleetTargets:
    """Return the targets of a fleet.

    ``members``: the accounts of organizational units, as AWS lists them; without, the units have none. Raises
    ConfigurationError with all problems of all rows, WrongInputError if the file has no fleet of this name.
    """
    if name not in configuration.content.fleet:
        known = list(configuration.content.fleet)
        has = f"it has {listed(known)}" if known else "it has none"
        raise WrongInputError(f"{configuration.path} has no fleet {shown(name)}; {has}", hint=did_you_mean(name, known))
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
        asked = only in (None, name)
        if asked:
            found[name] = targets
        if not reading.has_errors:
            for each in claims.conflicts(targets):
                if asked or each.other == only:
                    reading.add_conflict(each)
                    asked = True
        if asked:
            problems += reading.problems
            more += reading.more
    if any(each.severity == "error" for each in problems):
        raise ConfigurationError(str(configuration.path), problems, more=more)
    return {name: replace(each, warnings=tuple(problems)) for name, each in found.items()}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A target before it is validated.

    Attributes:
        row: its row, if it has one.
        index: its index in ``accounts``, if it is one of them.
    """

    account: Any
    region: Any
    row: Row | None = None
    index: int | None = None


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
        self._variables = has_variables(self._settings)
        self._validation = Validation(configuration.content, name)
        self._named = accounts_in(self._settings) | {str(configuration.content.pinecone_account)}
        """Accounts in the settings: rules may tell them from others."""
        self._valid: set[str] = set()
        self._rows = Rows("")
        self._file: YamlSource | None = None
        self._wanted: dict[tuple[str, str], _Wanted] = {}
        self._seen: set[object] = set()
        self.problems: list[Problem] = []
        self.more = 0

    @property
    def has_errors(self) -> bool:
        """Whether the targets are not valid."""
        return any(each.severity == "error" for each in self.problems)

    def targets(self) -> FleetTargets:
        """Return the valid targets."""
        self._read_rows()
        found: list[Target] = []
        incomplete: dict[str, str] = {}
        for account, given in self._accounts().items():
            if self._is_management(account):
                reason = self._refuse_management(given[0])
                if reason is not None:
                    incomplete[account] = reason
                continue
            entries = self._check_account(given)
            role_region = self._role_region(entries)
            for each in entries:
                if isinstance(each.region, str):
                    self._wanted[account, each.region] = each
                reason, deployment = self._deployment(each)
                if reason is not None:
                    incomplete[account] = reason
                elif deployment is not None:
                    place = f"{self._fleet.file}:{each.row.line}" if each.row else None
                    found.append(
                        Target(
                            account=deployment.account,
                            region=deployment.region,
                            deployment=deployment,
                            role_region=role_region,
                            place=place,
                        )
                    )
        found.sort(key=lambda each: (each.account, each.region != each.role_region, each.region))
        account = self._configuration.content.pinecone_account
        return FleetTargets(
            name=self._name,
            fleet=self._fleet,
            pinecone_account=account,
            targets=tuple(found),
            incomplete=tuple(incomplete.items()),
        )

    def add_conflict(self, conflict: Conflict) -> None:
        """Add a conflict of one of the targets with another one."""
        wanted = self._wanted[conflict.target.account, conflict.target.region]
        severity = "warning" if conflict.warn else "error"
        self._add(wanted, Problem(conflict.code, conflict.message, conflict.hint, conflict.path, severity=severity))

    # --- Accounts ---

    def _read_rows(self) -> None:
        if self._fleet.file is None:
            return
        try:
            self._rows = read_rows(self._configuration.path, self._fleet.file)
        except ConfigurationError as error:
            self.problems += [replace(each, file=error.file) for each in error.problems]
            return
        self.problems += self._rows.problems
        self.more += self._rows.more

    def _accounts(self) -> dict[str, list[_Wanted]]:
        """Return what is wanted in each account: by rows, then for the accounts and units without rows."""
        found: dict[str, list[_Wanted]] = {}
        for row in self._rows.rows:
            account = row.place.get(columns.ACCOUNT)
            key = account if isinstance(account, str) else f"row {row.number}"
            found.setdefault(key, []).extend(_Wanted(account, region, row) for region in self._regions(row))
        listed_accounts = [(account, index) for index, account in enumerate(self._fleet.accounts)]
        units = [(account, None) for unit in self._fleet.units for account in self._members.get(unit, ())]
        for account, index in [*listed_accounts, *units]:
            if account not in found:
                found[account] = [_Wanted(account, region, None, index) for region in self._fleet.regions]
        return found

    def _regions(self, row: Row) -> list[Any]:
        given = row.place.get(columns.REGION)
        if given is None:
            return list(self._fleet.regions)
        if isinstance(given, str):
            return given.split()
        return given if isinstance(given, list) and given else [given]

    def _check_account(self, entries: list[_Wanted]) -> list[_Wanted]:
        """Check what concerns an account as a whole. Return the targets of which there is not an earlier one."""
        first: dict[Any, _Wanted] = {}
        for each in entries:
            region = str(each.region)
            if region in first:
                line = first[region].row.line if first[region].row else 0
                message = f"account {each.account} in {region} is already listed, in line {line}"
                self._add(each, Problem("fleet-target-twice", message, "keep one row", (columns.REGION,)))
            first.setdefault(region, each)
        self._check_role(list(first.values()))
        return list(first.values())

    def _is_management(self, account: str) -> bool:
        fleet = self._fleet
        return fleet.permissions == "service-managed" and not fleet.delegated and account == fleet.administrator.account

    def _refuse_management(self, wanted: _Wanted) -> str | None:
        """Refuse the management account where the file names it; where a unit contains it, return the reason."""
        message = "it is the management account, to which service-managed permissions do not deploy"
        if wanted.row is None and wanted.index is None:
            return message
        hint = "remove it; set it up with a deployment of its own"
        problem = Problem("fleet-management-account", f"{wanted.account}: {message}", hint, (columns.ACCOUNT,))
        self._add(wanted, problem)
        return None

    def _role_region(self, entries: list[_Wanted]) -> str | None:
        """Return the Region of the role in an account."""
        regions = [each.region for each in entries]
        given = [each for each in entries if each.row and columns.ROLE_REGION in each.row.place]
        values = list(dict.fromkeys(str(each.row.place[columns.ROLE_REGION]) for each in given if each.row))
        path = (columns.ROLE_REGION,)
        if self._settings.get("cmek") is None:
            if given:
                message, hint = "without cmek there is no role", "remove it"
                self._add(given[0], Problem("role-region-without-role", message, hint, path))
            return None
        if len(values) > 1:
            message = f"the role of account {entries[0].account} is in one Region, and its rows name {listed(values)}"
            self._add(given[-1], Problem("fleet-role-differs", message, "name one in all rows of the account", path))
        wanted = values[0] if values else self._fleet.role_region or regions[0]
        if wanted not in regions:
            message = f"the role's Region {plain(wanted)} is not among the Regions of the account: {_words(regions)}"
            hint = f"add {plain(wanted)} to region, or name one of them in role_region"
            self._add((given or entries)[0], Problem("role-region", message, hint, path))
        return wanted

    def _check_role(self, entries: list[_Wanted]) -> None:
        """Check that the Regions of an account agree about their role."""
        rows = list({each.row.number: each for each in entries if each.row}.values())
        if self._settings.get("cmek") is None:
            return
        roles = [_role(self._data(each)) for each in rows]
        for each, role in zip(rows[1:], roles[1:], strict=True):
            for path, value in role.items():
                if value != roles[0][path]:
                    line = rows[0].row.line if rows[0].row else 0
                    message = f"this differs from line {line}, and account {each.account} has one role for all Regions"
                    hint = "write the same values of the role in all rows of the account"
                    self._add(each, Problem("fleet-role-differs", message, hint, path))
        cmek = self._data(entries[0]).get("cmek")
        if len(entries) > 1 and isinstance(cmek, Mapping) and _is_of_one_region(cmek):
            message = (
                f"account {entries[0].account} has {len(entries)} Regions, and a role that uses existing keys is in one"
            )
            hint = "name one Region for the account, and set up the others with a deployment each"
            self._add(entries[1], Problem("fleet-one-region", message, hint, (columns.REGION,)))

    # --- Targets ---

    def _data(self, wanted: _Wanted) -> dict[str, Any]:
        """Return the complete settings of a target."""
        values = wanted.row.values if wanted.row else {}
        variables = self._variables or has_variables(list(values.values()))
        data = at_target(
            merged(self._settings, values),
            fleet=self._fleet,
            account=wanted.account,
            region=wanted.region,
            variables=variables,
        )
        if wanted.account is None:
            del data["account"]
        return data

    def _deployment(self, wanted: _Wanted) -> tuple[str | None, Deployment | None]:
        """Return the deployment of a target; or why an account of a unit needs a row; or neither, with problems."""
        data = self._data(wanted)
        try:
            deployment = Deployment.model_validate(data)
        except ValidationError as error:
            lacks = list(missing(error))
            if lacks and wanted.row is None and wanted.index is None:
                return f"it has no {listed(list(map(columns.dotted, lacks)))}", None
            self._refuse(wanted, data, error, lacks)
            return None, None
        alike = self._alike(wanted)
        if alike is None or alike not in self._valid:
            problems = self._validation.rule_problems(deployment)
            for each in problems:
                self._add(wanted, each)
            if alike is not None and not problems:
                self._valid.add(alike)
        return None, deployment

    def _alike(self, wanted: _Wanted) -> str | None:
        """Return what the rules see of a target but its account and external ID, or None if they could see those."""
        values = wanted.row.values if wanted.row else {}
        others = {path: each for path, each in values.items() if path != _EXTERNAL_ID or not is_plain_external_id(each)}
        if wanted.account in self._named or (others and wanted.account in accounts_in(list(others.values()))):
            return None
        return f"{wanted.region} {sorted(others.items()) if others else ''}"

    # --- Problems ---

    def _refuse(self, wanted: _Wanted, data: dict[str, Any], error: ValidationError, lacks: list[Path]) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            self.more += error.error_count()
            return
        for path in lacks:
            self._add_missing(wanted, path)
        if self._variables_are_wrong(wanted, error):
            # Settings that name the account or Region are not wrong because that is.
            sample = replace(wanted, account=self._fleet.administrator.account, region=self._fleet.regions[0])
            data = {**self._data(sample), **{name: data[name] for name in _OF_VARIABLES if name in data}}
            error = _error_of(data) or error
        for each in self._validation.problems(data, error, self._source_of(wanted), incomplete=True):
            self._add(wanted, each)

    @staticmethod
    def _variables_are_wrong(wanted: _Wanted, error: ValidationError) -> bool:
        return wanted.account is None or any(each["loc"][:1] in _PLACES for each in error.errors())

    def _add_missing(self, wanted: _Wanted, path: Path) -> None:
        """Add the problem of a value that neither the settings nor the row have."""
        name = columns.dotted(path)
        make = f"; {_NEW_ID}" if path == _EXTERNAL_ID else ""
        row = wanted.row
        if row is None:
            file = f"write a row for it into {self._fleet.file}" if self._fleet.file else "write rows in a file"
            message = f"account {wanted.account} has no {name}"
            self._add(wanted, Problem("fleet-value-missing", message, f"{file}, or set it under settings{make}"))
        elif path == (columns.ACCOUNT,):
            hint = "write the 12 digits of the account"
            self._add(wanted, Problem("fleet-value-missing", "the account is missing", hint, path))
        elif self._rows.columns is not None and path not in self._rows.columns:
            if self._rows.problems:
                return  # the name of the column may be one of them
            message = "the value is missing: it is neither a column nor among the settings for all"
            hint = f"add the column {name}, or set it under settings{make}"
            self._append(Problem("fleet-value-missing", message, hint, path, Position(1, 1), file=self._rows.file))
        else:
            message = "the value is missing, in this row and in the settings for all"
            hint = f"write it in this row, or under settings for all{make}"
            where = self._rows.position(row, path)
            self._append(Problem("fleet-value-missing", message, hint, path, where, file=self._rows.file))

    def _add(self, wanted: _Wanted, problem: Problem) -> None:
        """Add a problem whose path is below the deployment, at the place where its value is set."""
        row, path = wanted.row, problem.path
        at = self._cell(row, path) if row else None
        if row and at is not None:
            where = self._rows.position(row, at)
            hint = _AS_TEXT if self._rows.columns is not None and problem.code in _SPREADSHEET else problem.hint
            if problem.code == "external-id-case":
                hint = "write it in lower case, unless Pinecone already has it in upper case"
            self._append(replace(problem, hint=hint, position=where, file=self._rows.file))
        elif path[:1] in ((), (columns.ACCOUNT,), (columns.REGION,)):
            below = () if wanted.index is None else ("accounts", wanted.index)
            self._append_in_file(problem, ("fleet", self._name, *below))
        elif path == (columns.ROLE_REGION,):
            self._append_in_file(problem, ("fleet", self._name, columns.ROLE_REGION))
        else:
            self._append_in_file(problem, settings_path(self._name, path))

    def _cell(self, row: Row, path: Path) -> Path | None:
        """Return the path of the row's value that a problem is about, () for the row itself, or None."""
        if path[:1] == (columns.ACCOUNT,) or not path:
            return path
        if len(path) == 1 and path[0] in columns.PLACE:
            return path if path[0] in row.place else ()
        for end in range(1, len(path) + 1):
            if path[:end] in row.values:
                return path[:end]
        return next((each for each in row.values if each[: len(path)] == path), None)

    def _append_in_file(self, problem: Problem, path: Path) -> None:
        # Once, though it may be found for many targets, each with its own account in the message.
        if ("setting", problem.code, path) in self._seen:
            return
        self._seen.add(("setting", problem.code, path))
        self._append(replace(problem, path=path, position=self._source().position_of_value(path)))

    def _append(self, problem: Problem) -> None:
        key = (problem.code, problem.message, problem.file, problem.position)
        if key in self._seen:
            return
        if len(self.problems) >= MAX_PROBLEMS:
            self.more += problem.severity == "error"
            return
        self._seen.add(key)
        self.problems.append(problem)

    def _source(self) -> YamlSource:
        """Return the configuration file with its positions. It is read again, for problems alone."""
        if self._file is None:
            self._file = read_yaml(self._configuration.path)
        return self._file

    def _source_of(self, wanted: _Wanted) -> YamlSource:
        """Return the settings of a target as a deployment of a file, with the texts of its row."""
        source = as_deployment(self._source(), self._name, {})
        row = wanted.row
        if row is None:
            return source
        places = [*row.values, *((name,) for name in row.place)]
        raw = {("deployments", self._name, *path): self._rows.raw(row, path) for path in places}
        position = {("deployments", self._name, *path): self._rows.position(row, path) for path in places}
        return replace(
            source,
            values={**source.values, **position},
            raw={**source.raw, **{path: each for path, each in raw.items() if each is not None}},
        )


def _error_of(data: Mapping[str, Any]) -> ValidationError | None:
    try:
        Deployment.model_validate(data)
    except ValidationError as error:
        return error
    return None


def _role(data: Mapping[str, Any]) -> dict[Path, Any]:
    """Return the settings of the role, by path."""
    found: dict[Path, Any] = {}
    for path in _OF_THE_ROLE:
        value: Any = data
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        found[path] = value
    return found


def _is_of_one_region(cmek: Mapping[str, Any]) -> bool:
    key = cmek.get("key")
    adopts = isinstance(key, Mapping) and key.get("adopt") is not None
    return adopts or bool(cmek.get("customer_keys"))


def _words(values: Sequence[Any]) -> str:
    return listed([plain(str(each)) for each in values])
