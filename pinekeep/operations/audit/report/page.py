"""The page of a report."""

from collections.abc import Sequence
from typing import Final

from pinekeep.operations.audit.report import charts
from pinekeep.operations.audit.report.figures import Figures
from pinekeep.operations.presentation.document import document
from pinekeep.operations.presentation.markup import Html, element, foreign, number, table, together

_TITLE: Final = "Audit log report"


def page(figures: Figures) -> str:
    """Return a report as HTML. The same figures give the same bytes."""
    return document(
        _TITLE, _parts(figures), footer="Made by Pinekeep from Pinecone's audit logs. This page loads nothing."
    )


def _parts(figures: Figures) -> list[Html]:
    return [
        element("h1", _TITLE),
        _about(figures),
        _tiles(figures),
        _by_period(figures),
        _ranked(
            "Actions by principal",
            "Users, API keys and service accounts are principals.",
            charts.bars(
                figures.by_principal,
                label="Principal",
                details=("Type", "ID"),
                caption="Events by principal and action",
            ),
            total=figures.by_principal.total,
        ),
        _ranked(
            "Failures",
            "Failed events by principal, action and error.",
            charts.bars(
                figures.failures,
                label="Principal",
                details=("Action", "Reason", "Error code"),
                caption="Failed events",
                failed=True,
            ),
            total=figures.failures.total,
        ),
        _ranked(
            "Resource types",
            "Events by the type of the resource that they are about.",
            charts.bars(figures.by_resource_type, label="Resource type", caption="Events by resource type"),
            total=figures.by_resource_type.total,
        ),
        _by_hour(figures),
        _ranked(
            "Unknown events",
            "Pairs of action and resource type that Pinecone's documentation does not list. They are in every chart "
            "above.",
            charts.bars(figures.unknown, label="Action", details=("Resource type",), caption="Undocumented events"),
            total=figures.unknown.total,
        ),
        _broken(figures),
    ]


def _about(figures: Figures) -> Html:
    period = f"{figures.first} to {figures.last}" if figures.first else "no event with a readable time"
    rows: list[tuple[str, str]] = [
        ("Period", period),
        ("Time zone", figures.working_hours.zone),
        *([("As of", figures.as_of)] if figures.as_of else []),
        ("Source", together(*_between([foreign(each) for each in figures.sources]))),
        ("Files", number(figures.files)),
    ]
    return element("dl", *(together(element("dt", name), element("dd", value)) for name, value in rows))


def _between(parts: Sequence[Html]) -> list[str]:
    return [each for part in parts for each in (", ", part)][1:]


def _tiles(figures: Figures) -> Html:
    tiles = [
        ("events", figures.events, False),
        ("principals", figures.principals, False),
        ("failed", figures.failed, False),
        ("outside working hours", figures.outside_total, False),
        ("unknown events", figures.unknown.total, figures.unknown.total > 0),
        ("broken lines", figures.broken_total, figures.broken_total > 0),
        *([("without a readable time", figures.undated, True)] if figures.undated else []),
    ]
    return element(
        "ul",
        *(
            element("li", element("strong", number(count)), name, class_="alert" if alert else None)
            for name, count, alert in tiles
        ),
        class_="tiles",
    )


def _section(title: str, text: str, *content: Html, long: bool = False) -> Html:
    return element("section", element("h2", title), element("p", text), *content, class_="long" if long else None)


def _ranked(title: str, text: str, content: Html, *, total: int) -> Html:
    return _section(title, text, content) if total else _section(title, "None.")


def _by_period(figures: Figures) -> Html:
    title = f"Events by {figures.periods_of}"
    if not figures.periods:
        return _section(title, "None.")
    most = max(figures.periods, key=lambda each: (each.succeeded + each.failed, each.start))
    description = (
        f"{number(len(figures.periods))} {figures.periods_of}s. The {figures.periods_of} with the most events is "
        f"{most.start}, with {number(most.succeeded + most.failed)}."
    )
    chart = charts.columns(figures.periods, name="periods", title=title, description=description)
    legend = element(
        "ul",
        *(
            element(
                "li",
                element(
                    "svg", element("rect", width="100%", height="100%", class_=kind), class_="key", aria_hidden="true"
                ),
                f" {name}",
            )
            for name, kind in (("succeeded", "s0"), ("failed", "failed"))
        ),
        class_="legend",
    )
    rows = [
        (each.start, number(each.succeeded), number(each.failed), number(each.succeeded + each.failed))
        for each in figures.periods
    ]
    heads = (figures.periods_of.capitalize(), "Succeeded", "Failed", "Events")
    return _section(title, description, legend, chart, table(heads, rows, caption=title, numbers=3), long=True)


def _by_hour(figures: Figures) -> Html:
    title = "Outside working hours"
    outside = figures.outside_total
    dated = sum(figures.hours.values())
    text = (
        f"Working hours are {figures.working_hours}: the dashed frame. {number(outside)} of {number(dated)} events "
        "are outside."
    )
    chart = charts.hours(
        figures.hours, figures.working_hours, name="hours", title="Events by weekday and hour", description=text
    )
    rows = [
        (
            day,
            number(sum(figures.hours.get((row, hour), 0) for hour in range(24) if inside(row, hour))),
            number(sum(figures.hours.get((row, hour), 0) for hour in range(24) if not inside(row, hour))),
        )
        for inside in (figures.working_hours.includes,)
        for row, day in enumerate(charts.WEEKDAYS)
    ]
    days = table(("Weekday", "Inside", "Outside"), rows, caption="Events by weekday", numbers=2)
    by_whom = charts.bars(
        figures.outside, label="Principal", details=("Type", "ID"), caption="Events outside working hours, by principal"
    )
    return _section(title, text, chart, days, *([by_whom] if outside else []))


def _broken(figures: Figures) -> Html:
    title = "Broken lines"
    if not figures.broken_total:
        return _section(title, "None. Every line of every file was read.")
    rows = [
        (foreign(each.file), "" if each.line is None else number(each.line), foreign(each.reason))
        for each in figures.broken
    ]
    left_out = figures.broken_total - len(figures.broken)
    text = "What these lines hold is in no chart above." + (
        f" {number(left_out)} more are not listed here." if left_out else ""
    )
    return _section(title, text, table(("File", "Line", "Reason"), rows, caption=title, numbers=0), long=True)
