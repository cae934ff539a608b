"""The output of `fleet verify`, `fleet query` and `fleet report`."""

from typing import Literal

from pinekeep.model.output import OutputModel


class FleetFindingOutput(OutputModel):
    """One check of a target that did not simply pass."""

    check: str
    """The check's stable name."""
    what: str
    """What was looked at."""
    status: Literal["note", "failed", "unreadable"]
    """`note`: worth a word, and fails nothing. `unreadable`: it needs something that the role may not read."""
    found: str
    """What is so."""
    wanted: str
    """What should be so."""
    fix: str | None
    """What to do about it."""
    meaning: str | None
    """What it means for Pinecone, in one sentence."""


class FleetTargetOutput(OutputModel):
    """The result of one account and Region."""

    account: str
    """The account."""
    region: str
    """The Region."""
    status: Literal["passed", "failed", "unreadable", "missing"]
    """`unreadable`: the account, or something that a check needs, cannot be read. `missing`: there is no stack."""
    verified: str
    """The time in UTC."""
    reason: str | None
    """Why the account cannot be read, or there is no stack."""
    fix: str | None
    """What to do about that."""
    findings: list[FleetFindingOutput]
    """The checks that failed, could not be made, or are worth a word."""


class FleetVerifyOutput(OutputModel):
    """The result of `fleet verify`."""

    fleet: str
    """The fleet."""
    passed: bool
    """Whether every check of every target was made and none failed."""
    run: int
    """The number of the verification in the file of results."""
    store: str
    """The file of results."""
    counts: dict[Literal["passed", "failed", "unreadable", "missing"], int]
    """The number of targets of each status."""
    continued: int
    """How many results are of the run that was continued."""
    incomplete: list[str]
    """Accounts of organizational units that are no targets, because their rows lack values, each with the reason."""
    extra: list[str]
    """Instances of the stack set that are no targets of the fleet, as account and Region. They are not verified."""
    targets: list[FleetTargetOutput]
    """The results."""


class FleetQueryOutput(OutputModel):
    """The result of `fleet query`."""

    fleet: str | None
    """The fleet; null with `--sql`."""
    query: str | None
    """The saved question; null with `--sql`."""
    question: str | None
    """The question in words."""
    parameters: dict[str, str]
    """The values of its parameters."""
    columns: list[str]
    """The names of the columns."""
    rows: list[list[str | int | float | None]]
    """The rows."""
    more: bool
    """Whether there are more rows than `--limit` allows."""


class FleetParameterOutput(OutputModel):
    """A parameter of a saved question."""

    name: str
    """Its name, for `--param`."""
    description: str
    """What it is."""
    default: str | None
    """The value without `--param`; null where one must be given."""


class FleetQuestionOutput(OutputModel):
    """A saved question."""

    name: str
    """Its name."""
    question: str
    """The question."""
    parameters: list[FleetParameterOutput]
    """Its parameters."""


class FleetQueriesOutput(OutputModel):
    """The result of `fleet query --list`."""

    queries: list[FleetQuestionOutput]
    """The saved questions."""
    tables: dict[str, list[str]]
    """What `--sql` can use: views and tables, with their columns."""
    observations: dict[str, str]
    """The columns of `facts` from `shape` on, each with what it is."""


class FleetReportOutput(OutputModel):
    """The result of `fleet report`."""

    report: str
    """The file with the page."""
    fleet: str
    """The fleet."""
    targets: int
    """The targets of the fleet."""
    counts: dict[str, int]
    """The number of targets of each status; `unverified`: those that have no result."""
    changes: int
    """The differences from the previous verification."""
