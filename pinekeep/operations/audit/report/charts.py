"""The charts: inline SVG without scripts, sized in percent so that text stays readable on any width."""

from collections.abc import Sequence
from typing import Final

from pinekeep.operations.audit.report.figures import Period, Ranking, WorkingHours
from pinekeep.operations.presentation.markup import Html, element, foreign, number, together

_PLOT_HEIGHT: Final = 200
_LABELS_HEIGHT: Final = 24
_ROW_HEIGHT: Final = 24
_LEVELS: Final = 5
_TICKS: Final = 4
_LABELS: Final = 4
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS: Final = 24


def columns(periods: Sequence[Period], *, name: str, title: str, description: str) -> Html:
    """Return a chart with a column for each period, failed events on top of the others."""
    most, step = scale(max((each.succeeded + each.failed for each in periods), default=0))
    bottom = _PLOT_HEIGHT + 8
    ticks = range(0, most + 1, step)

    def height(count: int) -> float:
        return round(count / most * _PLOT_HEIGHT, 2)

    axis = [element("text", number(tick), x=48, y=bottom - height(tick) + 4, text_anchor="end") for tick in ticks]
    lines = [
        element("line", x1="0", x2="100%", y1=bottom - height(tick), y2=bottom - height(tick), class_="line")
        for tick in ticks
    ]
    width = 100 / max(len(periods), 1)
    bars: list[Html] = []
    for index, period in enumerate(periods):
        below = 0.0
        parts = [element("title", f"{period.start}: {_spoken(period)}")]
        for count, kind in ((period.succeeded, "s0"), (period.failed, "failed")):
            if count:
                parts.append(
                    element(
                        "rect",
                        x=_percent(index * width + width * 0.1),
                        width=_percent(width * 0.8),
                        y=round(bottom - below - height(count), 2),
                        height=height(count),
                        class_=kind,
                    )
                )
                below += height(count)
        bars.append(element("g", *parts))
    return _framed(
        axis,
        [*lines, *bars, *_dates(periods, width, bottom + 18)],
        height=_PLOT_HEIGHT + 8 + _LABELS_HEIGHT,
        name=name,
        title=title,
        description=description,
    )


def hours(
    counts: dict[tuple[int, int], int], working: WorkingHours, *, name: str, title: str, description: str
) -> Html:
    """Return a chart with a cell for each hour of the week, darker with more events, working hours framed."""
    most = max(counts.values(), default=0)
    axis = [element("text", day, x=48, y=row * _ROW_HEIGHT + 16, text_anchor="end") for row, day in enumerate(WEEKDAYS)]
    width = 100 / _HOURS
    cells = [
        element(
            "rect",
            element("title", f"{day} {hour:02}:00: {number(counts.get((row, hour), 0))}"),
            x=_percent(hour * width),
            width=_percent(width),
            y=row * _ROW_HEIGHT,
            height=_ROW_HEIGHT,
            class_=f"cell h{level(counts.get((row, hour), 0), most)}",
        )
        for row, day in enumerate(WEEKDAYS)
        for hour in range(_HOURS)
    ]
    frame = element(
        "rect",
        x=_percent(working.start * width),
        width=_percent((working.end - working.start) * width),
        y=1,
        height=5 * _ROW_HEIGHT - 1,
        class_="frame",
    )
    labels = [
        element("text", f"{hour:02}:00", x=_percent(hour * width), y=7 * _ROW_HEIGHT + 16)
        for hour in range(0, _HOURS, 6)
    ]
    return _framed(
        axis,
        [*cells, frame, *labels],
        height=7 * _ROW_HEIGHT + _LABELS_HEIGHT,
        name=name,
        title=title,
        description=description,
    )


def bars(ranking: Ranking, *, label: str, details: Sequence[str] = (), caption: str, failed: bool = False) -> Html:
    """Return a table with a bar in each row: the numbers stand beside the chart.

    ``label``, ``details``: the headings of the text columns. ``failed``: whether all the events counted have failed.
    """
    longest = max([*(row.total for row in ranking.rows), sum(ranking.others)], default=0)
    several = len(ranking.series) > 1
    texts = [label, *details]
    rows = [
        _row(
            [foreign(row.label), *(foreign(each) for each in row.details)],
            row.counts,
            longest,
            ranking,
            failed=failed,
        )
        for row in ranking.rows
    ]
    if ranking.left_out:
        others = f"{number(ranking.left_out)} others"
        rows.append(
            _row([element("em", others), *([Html("")] * len(details))], ranking.others, longest, ranking, failed=failed)
        )
    head = [
        *(element("th", each, scope="col") for each in texts),
        element("th", "Share", scope="col", class_="bar"),
        element("th", "Events", scope="col", class_="number"),
        *(element("th", foreign(each), scope="col", class_="number") for each in ranking.series if several),
    ]
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head)),
        element("tbody", *rows),
    )
    shown = element("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)
    return together(_legend(ranking.series), shown) if several else shown


def scale(most: int) -> tuple[int, int]:
    """Return the end of an axis that holds a number, and the distance of its ticks: 1, 2 or 5 times a power of ten."""
    step = 1
    while step * _TICKS < most:
        step = next(each for each in _steps(step) if each > step)
    ticks = max(-(-most // step), 1)
    return ticks * step, step


def level(count: int, most: int) -> int:
    """Return how dark a cell is: 0 for none, up to 5 for the most."""
    return -(-count * _LEVELS // most) if count else 0


def _steps(step: int) -> tuple[int, ...]:
    power = 10 ** (len(str(step)) - 1)
    return (power, 2 * power, 5 * power, 10 * power)


def _percent(value: float) -> str:
    return f"{value:.3f}%"


def _spoken(period: Period) -> str:
    total = period.succeeded + period.failed
    return f"{number(total)} events, {number(period.failed)} failed"


def _dates(periods: Sequence[Period], width: float, y: float) -> list[Html]:
    if not periods:
        return []
    last = len(periods) - 1
    places = sorted({round(last * each / (_LABELS - 1)) for each in range(_LABELS)})
    made = []
    for place in places:
        anchor = "start" if place == 0 and last else "end" if place == last and last else "middle"
        x = 0.0 if anchor == "start" else 100.0 if anchor == "end" else (place + 0.5) * width
        between = "between" if 0 < place < last else None
        made.append(element("text", periods[place].start, x=_percent(x), y=y, text_anchor=anchor, class_=between))
    return made


def _row(cells: Sequence[Html], counts: Sequence[int], longest: int, ranking: Ranking, *, failed: bool) -> Html:
    several = len(ranking.series) > 1
    total = sum(counts)
    share = f"{total / ranking.total:.1%}" if ranking.total else ""
    numbers = [total, *(counts if several else ())]
    return element(
        "tr",
        element("th", cells[0], scope="row"),
        *(element("td", cell) for cell in cells[1:]),
        element("td", _bar(counts, longest, failed=failed), " ", share, class_="bar"),
        *(element("td", number(each), class_="number") for each in numbers),
    )


def _bar(counts: Sequence[int], longest: int, *, failed: bool) -> Html:
    done = 0
    parts = []
    for index, count in enumerate(counts):
        if count:
            start, width = done / longest * 100, count / longest * 100
            kind = "failed" if failed else f"s{index}"
            parts.append(element("rect", x=_percent(start), width=_percent(width), y="0", height="100%", class_=kind))
            done += count
    # The numbers are in the cells beside it.
    return element("svg", *parts, class_="meter", aria_hidden="true")


def _legend(series: Sequence[str]) -> Html:
    keys = [
        element(
            "li",
            element(
                "svg",
                element("rect", width="100%", height="100%", class_=f"s{index}"),
                class_="key",
                aria_hidden="true",
            ),
            " ",
            foreign(name),
        )
        for index, name in enumerate(series)
    ]
    return element("ul", *keys, class_="legend")


def _framed(
    axis: Sequence[Html], parts: Sequence[Html], *, height: int, name: str, title: str, description: str
) -> Html:
    chart = element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *parts,
        class_="chart",
        height=height,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )
    return element(
        "div", element("svg", *axis, class_="axis", width=54, height=height, aria_hidden="true"), chart, class_="plot"
    )
