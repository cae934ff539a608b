"""The page: a summary, the accounts and Regions, what fails and how to fix it, and what is different."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pinekeep.operations.fleet.verification.report.figures import STATUSES, UNVERIFIED, FailingCheck, Figures
from pinekeep.operations.presentation.document import document
from pinekeep.operations.presentation.markup import Html, element, foreign, number, table, together

_STYLE: Final = Path(__file__).with_name("fleet.css")
_MARKS: Final = {"passed": "✓", "failed": "✗", "missing": "∅", "unreadable": "?", UNVERIFIED: "…"}
_WORDS: Final = {
    "passed": "passed",
    "failed": "failed",
    "missing": "no stack",
    "unreadable": "not readable",
    UNVERIFIED: "not verified",
}
ACCOUNTS_SHOWN: Final = 1_000
"""Accounts in the table of accounts and Regions; those with problems come first."""
TARGETS_SHOWN: Final = 100
"""Targets under each failing check."""
CHANGES_SHOWN: Final = 500
_OLD: Final = timedelta(days=7)
"""Results older than this are pointed out."""


def page(figures: Figures) -> str:
    """Return the page as HTML. The same figures give the same bytes."""
    title = f"Fleet {figures.fleet}"
    parts = [
        element("h1", title),
        _about(figures),
        _tiles(figures),
        _regions(figures),
        _failing(figures),
        _unreadable(figures),
        _matrix(figures),
        _changes(figures),
        _distributions(figures),
    ]
    footer = "Made by Pinekeep from the results of `pinekeep fleet verify`. This page loads nothing."
    return document(title, parts, footer=footer, style=_STYLE.read_text(encoding="utf-8"))


def _about(figures: Figures) -> Html:
    rows: list[tuple[str, str]] = [
        ("Accounts", number(len(figures.accounts))),
        ("Regions", ", ".join(figures.regions) or "none"),
        ("Page made", _at(figures.now)),
    ]
    if figures.oldest and figures.newest:
        when = _at(figures.newest)
        if figures.oldest != figures.newest:
            when = f"{_at(figures.oldest)} to {when}"
        rows.append(("Verified", f"{when}, the oldest result is {_ago(figures.now - figures.oldest)} old"))
    if figures.unfinished:
        rows.append(("Newest verification", "did not finish"))
    return element("dl", *(together(element("dt", name), element("dd", value)) for name, value in rows))


def _tiles(figures: Figures) -> Html:
    counts = figures.counts
    old = sum(1 for each in figures.verified.values() if figures.now - datetime.fromisoformat(each) > _OLD)
    tiles = [
        ("targets", len(figures.statuses), ""),
        *((_WORDS[status], counts[status], status) for status in reversed(STATUSES)),
        ("changes", len(figures.changes), ""),
        *([("older than 7 days", old, "unreadable")] if old else []),
    ]
    return element(
        "ul",
        *(
            element(
                "li",
                element("strong", number(count)),
                name,
                class_=f"of-{kind}" if kind and count else None,
            )
            for name, count, kind in tiles
        ),
        class_="tiles",
    )


def _regions(figures: Figures) -> Html:
    by_region: dict[str, dict[str, int]] = {region: {} for region in figures.regions}
    for (_, region), status in figures.statuses.items():
        by_region[region][status] = by_region[region].get(status, 0) + 1
    shown = [status for status in reversed(STATUSES) if figures.counts[status]]
    rows = [
        element(
            "tr",
            element("th", region, scope="row"),
            element("td", _bar(counts), class_="bar"),
            *(element("td", number(counts.get(status, 0)), class_="number") for status in shown),
        )
        for region, counts in by_region.items()
    ]
    heads = [element("th", "Region", scope="col"), element("th", "Targets", scope="col")]
    heads += [element("th", _WORDS[status], scope="col", class_="number") for status in shown]
    made = element(
        "table",
        element("caption", "Targets by Region and status"),
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
    )
    scroll = element("div", made, class_="scroll", tabindex="0", role="region", aria_label="Targets by Region")
    return _section("Regions", "A target is an account in a Region.", scroll)


def _bar(counts: Mapping[str, int]) -> Html:
    total, done = sum(counts.values()), 0
    parts: list[Html] = []
    for status in reversed(STATUSES):
        if count := counts.get(status, 0):
            x, width = done / total * 100, count / total * 100
            parts.append(
                element("rect", x=f"{x:.2f}%", width=f"{width:.2f}%", y="0", height="100%", class_=f"fill-{status}")
            )
            done += count
    return element("svg", *parts, class_="meter", aria_hidden="true")  # the numbers are in the cells beside it


def _failing(figures: Figures) -> Html:
    if not figures.failing:
        return _section("What fails", "Nothing: no check of the targets that could be read fails.")
    count = len({(one.account, one.region) for each in figures.failing for one in each.failures})
    text = f"{number(len(figures.failing))} checks fail in {number(count)} targets, the most frequent first."
    return _section("What fails", text, *map(_check, figures.failing), long=True)


def _check(check: FailingCheck) -> Html:
    rows = [
        (
            together(foreign(each.account), " ", foreign(each.region)),
            foreign_long(each.found),
            element("code", foreign_long(each.fix)) if each.fix else "",
        )
        for each in check.failures[:TARGETS_SHOWN]
    ]
    left = len(check.failures) - len(rows)
    more = element("p", f"{number(left)} more targets are not listed here.") if left else Html("")
    head = element(
        "summary",
        element("strong", foreign(check.title)),
        " ",
        element("span", f"{number(len(check.failures))} targets", class_="count"),
    )
    meaning = element("p", foreign_long(check.meaning)) if check.meaning else Html("")
    return element(
        "details",
        head,
        meaning,
        table(("Target", "Found", "Fix"), rows, caption=f"Check {check.name}", numbers=0),
        more,
        open="" if len(check.failures) <= TARGETS_SHOWN else None,
    )


def _unreadable(figures: Figures) -> Html:
    title = "Not readable"
    if not figures.unreadable:
        return _section(title, "None: every target that was verified could be read.")
    rows = [
        (
            together(foreign(str(account)), " ", foreign(str(region))),
            foreign_long(str(reason)),
            foreign_long(str(fix or "")),
        )
        for account, region, reason, fix in figures.unreadable[:TARGETS_SHOWN]
    ]
    left = len(figures.unreadable) - len(rows)
    text = "Of these, it is not known whether they are as configured." + (
        f" {number(left)} more are not listed here." if left else ""
    )
    return _section(title, text, table(("Target", "Reason", "Fix"), rows, caption=title, numbers=0), long=True)


def _matrix(figures: Figures) -> Html:
    accounts = figures.accounts
    shown = dict(list(accounts.items())[:ACCOUNTS_SHOWN])
    used = [status for status in STATUSES if figures.counts[status]]
    legend = element(
        "ul",
        *(element("li", _mark(status), f" {_WORDS[status]}") for status in used),
        class_="legend",
    )
    rows = [
        element(
            "tr",
            element("th", account, scope="row"),
            *(_cell(statuses.get(region), figures.verified.get((account, region))) for region in figures.regions),
        )
        for account, statuses in shown.items()
    ]
    heads = [element("th", "Account", scope="col")]
    heads += [element("th", element("span", region), scope="col") for region in figures.regions]
    made = element(
        "table",
        element("caption", "Status of each account in each Region"),
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
        class_="matrix",
    )
    left = len(accounts) - len(shown)
    text = "Accounts with problems come first." + (
        f" {number(left)} more accounts are not listed here; `pinekeep fleet query` lists them." if left else ""
    )
    scroll = element("div", made, class_="scroll capped", tabindex="0", role="region", aria_label="Accounts")
    return _section("Accounts and Regions", text, legend, scroll, long=True)


def _cell(status: str | None, verified: str | None) -> Html:
    if status is None:
        return element("td", "", class_="none")
    title = f"{_WORDS[status]}{f', verified {verified}' if verified else ''}"
    return element("td", _mark(status), class_="state", title=title)


def _mark(status: str) -> Html:
    return element("span", _MARKS[status], class_=f"mark of-{status}", role="img", aria_label=_WORDS[status])


def _changes(figures: Figures) -> Html:
    title = "Changes"
    if figures.since is None:
        return _section(title, "There is no earlier verification to compare with.")
    since = f"since the last verification before {_at(figures.since)}"
    if not figures.changes:
        return _section(title, f"None {since}.")
    rows = [
        (
            together(foreign(str(account)), " ", foreign(str(region))),
            foreign(str(what).replace("_", " ")),
            foreign_long("none" if before is None else str(before)),
            foreign_long("none" if after is None else str(after)),
        )
        for account, region, what, before, after in figures.changes[:CHANGES_SHOWN]
    ]
    left = len(figures.changes) - len(rows)
    text = f"What is different {since}." + (f" {number(left)} more are not listed here." if left else "")
    return _section(
        title, text, table(("Target", "What", "Before", "After"), rows, caption=title, numbers=0), long=True
    )


def _distributions(figures: Figures) -> Html:
    if not figures.distributions:
        return Html("")
    tables = [
        table(
            (title, "Targets"),
            [(foreign(value), number(count)) for value, count in values.items()],
            caption=title,
            numbers=1,
        )
        for title, values in figures.distributions.items()
    ]
    return _section("What was observed", "In how many targets, by the last verification of each.",
                    element("div", *tables, class_="columns"))  # fmt: skip


def _section(title: str, text: str, *content: Html, long: bool = False) -> Html:
    return element("section", element("h2", title), element("p", text), *content, class_="long" if long else None)


def foreign_long(text: str) -> Html:
    """Return a long text that contains values of others: every character visible, escaped."""
    return element("bdi", "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text))


def _at(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _ago(age: timedelta) -> str:
    seconds: Sequence[tuple[int, str]] = ((86400, "days"), (3600, "hours"), (60, "minutes"))
    for size, word in seconds:
        if age.total_seconds() >= 2 * size:
            return f"{age.total_seconds() // size:.0f} {word}"
    return "a few minutes"
