"""The permissions of each command and role, with the reasons, from the data of the policies."""

from collections.abc import Iterable, Sequence
from typing import Final

from pinekeep.decisions.privileges.association import IN_CLIENT_ACCOUNTS
from pinekeep.decisions.privileges.grant import Grant, actions_in, by_sid
from pinekeep.decisions.privileges.policies import READ_BOOTSTRAP_VERSION
from pinekeep.decisions.privileges.types import KINDS
from pinekeep.decisions.privileges.verbs import DRY_RUNS, NO_AWS, NO_PERMISSION_NEEDED, VERBS

BEGIN: Final = "<!-- begin permissions: written by `make docs` -->"
END: Final = "<!-- end permissions -->"


def permissions_table() -> str:
    """Return the tables as Markdown: the verbs, CloudFormation by service and type, and what is left out and why."""
    parts = [
        "### The identity that runs a verb",
        _table(
            ("Verb", "Statement", "Actions", "On"),
            [(f"`{verb}`", *row) for verb, grants in VERBS.items() for row in _rows(grants)],
        ),
        "### The identity that associates a client VPC, in the VPC's account",
        _table(("Statement", "Actions", "On"), _rows(IN_CLIENT_ACCOUNTS)),
        _nothing(),
        "### CloudFormation, by what the templates hold",
        _table(("Statement", "Actions", "On"), _rows(_execution())),
        "### What `*` stands for",
        _table(("Statement", "Why no resource is named"), _wildcards()),
        "### What CloudFormation is not given",
        "CloudFormation's registry lists these for the types of resources in the templates.",
        _table(("Type", "Actions", "Why not"), _left_out()),
    ]
    return "\n\n".join(parts)


def with_tables(page: str) -> str:
    """Return a page with the text between its two marks regenerated. Raises ValueError if the page lacks the marks."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{permissions_table()}\n\n{END}{after}"


def _execution() -> list[Grant]:
    return [READ_BOOTSTRAP_VERSION, *(grant for kind in KINDS.values() for grant in kind.grants)]


def _rows(grants: Iterable[Grant]) -> list[tuple[str, str, str]]:
    return [
        (f"{sid} (deny)" if same[0].effect == "Deny" else sid, _codes(actions_in(same)), same[0].on)
        for sid, same in by_sid(grants).items()
    ]


def _nothing() -> str:
    free = "; ".join(f"`{action}` needs no permission: {why}" for action, why in NO_PERMISSION_NEEDED.items())
    dry = "; ".join(f"`{action}` is called {why}" for action, why in DRY_RUNS.items())
    return f"{_codes(NO_AWS)} call no AWS account. {free}. {dry}."


def _wildcards() -> list[tuple[str, str]]:
    found = {
        each.sid: each.wildcard
        for grants in (*VERBS.values(), IN_CLIENT_ACCOUNTS, _execution())
        for each in grants
        if each.wildcard
    }
    return list(found.items())


def _left_out() -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []
    for name, kind in KINDS.items():
        by_reason: dict[str, list[str]] = {}
        for action, reason in kind.left_out.items():
            by_reason.setdefault(reason, []).append(action)
        rows += [(f"`{name}`", _codes(actions), reason) for reason, actions in by_reason.items()]
    return rows


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


BLOCKS: Final = {"permissions": permissions_table}
