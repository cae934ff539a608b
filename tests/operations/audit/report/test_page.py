"""The page of a report: what it holds, that nothing foreign becomes markup, and that it asks for nothing."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, Final

import pytest

from pinekeep.model.words import visible
from pinekeep.operations.audit.report.charts import level, scale
from pinekeep.operations.audit.report.figures import (
    TOP,
    BrokenLine,
    Figures,
    Period,
    Ranking,
    Row,
    WorkingHours,
)
from pinekeep.operations.audit.report.page import page
from pinekeep.operations.presentation.markup import Html, element, together

HOSTILE: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></table></bdi>&amp;",
    "invoice\u202egnp.exe",
    "a\x00b\nc\u200bd\ud800",
    "' style='background:url(//example.com)",
)


def ranking(*labels: str, details: int = 0, series: tuple[str, ...] = ("Events",), **others: Any) -> Ranking:
    rows = tuple(
        Row(label=label, details=HOSTILE[:details], counts=(10 * (len(labels) - place),) * len(series))
        for place, label in enumerate(labels)
    )
    return Ranking(series=series, rows=rows, **others)


def figures(**changes: Any) -> Figures:
    made = Figures(
        sources=("s3://acme-audit/pinecone", HOSTILE[0]),
        first="2026-11-01 00:03",
        last="2026-11-03 23:40",
        as_of=None,
        working_hours=WorkingHours(zone="Europe/Berlin"),
        files=140,
        events=60,
        failed=7,
        principals=3,
        undated=0,
        periods_of="day",
        periods=tuple(Period(start=f"2026-11-0{day}", succeeded=20 * day, failed=day) for day in (1, 2, 3)),
        by_principal=ranking(*HOSTILE, details=2, series=("create index", HOSTILE[0], "Others")),
        failures=ranking(*HOSTILE, details=3),
        by_resource_type=ranking(*HOSTILE),
        hours={(0, 9): 40, (5, 3): 2, (6, 23): 1},
        outside=ranking(*HOSTILE, details=2),
        unknown=ranking(*HOSTILE, details=1),
        broken=tuple(BrokenLine(file=each, line=17, reason=each) for each in HOSTILE),
        broken_total=len(HOSTILE) + 30,
    )
    return replace(made, **changes)


class Read(HTMLParser):
    """A page as a browser reads it: its elements, its text, and whether each is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self._open), data))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text_in(self, tag: str) -> list[str]:
        return [text for path, text in self.texts if path and path[-1] == tag]


@pytest.fixture(scope="module")
def read() -> Read:
    return Read(page(figures()))


def test_the_page_has_the_elements_of_a_page_without_a_script_and_nothing_else(read: Read) -> None:
    assert {name for name, _ in read.elements} == {
        *("html", "head", "meta", "title", "style", "body", "main", "footer", "section", "h1", "h2", "p"),
        *("dl", "dt", "dd", "ul", "li", "strong", "div", "bdi", "desc"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td"),
        *("svg", "g", "rect", "line", "text"),
    }


def test_no_attribute_runs_or_fetches_anything(read: Read) -> None:
    names = {attribute for _, attributes in read.elements for attribute in attributes}
    assert names.isdisjoint({"style", "href", "src", "srcset", "action", "xlink:href", "data", "background"})
    assert [name for name in names if name.startswith("on")] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_it_is_written(read: Read, name: str) -> None:
    assert read.text_in("bdi").count(visible(name)) >= 5


def test_no_character_that_hides_or_turns_text_is_in_the_page() -> None:
    assert set(page(figures())).isdisjoint("\u202e\u200b\x00\ud800\u2066")
    assert visible("a\u202eb") == "a\\u202eb"
    assert visible("\U000e0041") == "\\U000e0041"
    assert visible("x" * 500) == "x" * 119 + "…"
    assert visible("שלום, grüße") == "שלום, grüße"


def test_the_policy_allows_the_style_of_the_page_alone() -> None:
    text = page(figures())
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    (policy,) = (each["content"] for each in Read(text).of("meta") if "http-equiv" in each)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_every_chart_has_a_title_a_description_and_a_table_beside_it(read: Read) -> None:
    charts = [each for each in read.of("svg") if each.get("role") == "img"]
    assert len(charts) == 2
    ids = [each["id"] for _, each in read.elements if "id" in each]
    assert len(ids) == len(set(ids))
    for chart in charts:
        assert {*(chart["aria-labelledby"] or "").split()} <= set(ids)
    assert [each for each in read.of("svg") if "role" not in each and each.get("aria-hidden") != "true"] == []
    assert read.text_in("caption").count("Events by day") == 1
    assert read.text_in("caption").count("Events by weekday") == 1


def test_the_numbers_of_a_chart_are_in_its_table(read: Read) -> None:
    cells = read.text_in("td")
    for number in ("20", "1", "21", "60", "63"):
        assert number in cells


def test_what_is_not_shown_is_counted(read: Read) -> None:
    assert any("30 more are not listed here" in each for each in read.text_in("p"))
    others = Read(page(figures(by_resource_type=ranking("index", others=(5,), left_out=44))))
    assert "44 others" in others.text_in("em")
    assert TOP > 1


def test_the_hours_outside_are_those_outside_the_frame(read: Read) -> None:
    assert any("3 of 43 events are outside" in each for each in read.text_in("p"))


def test_a_page_without_events_says_so() -> None:
    empty = Ranking(series=("Events",), rows=())
    nothing: dict[str, Any] = dict.fromkeys(
        ("by_principal", "failures", "by_resource_type", "outside", "unknown"), empty
    )
    made = Read(
        page(figures(**nothing, periods=(), hours={}, events=0, first=None, last=None, broken=(), broken_total=0))
    )
    assert made.text_in("p").count("None.") == 5
    assert "no event with a readable time" in made.text_in("dd")


def test_the_same_figures_give_the_same_bytes() -> None:
    assert page(figures()) == page(figures())
    assert page(figures()) != page(figures(as_of="2026-11-04"))


@pytest.mark.parametrize(("most", "expected"), [(0, (1, 1)), (1, (1, 1)), (4, (4, 1)), (5, (6, 2)), (423, (600, 200))])
def test_an_axis_ends_at_a_round_number_above_the_most(most: int, expected: tuple[int, int]) -> None:
    assert scale(most) == expected


def test_an_axis_has_at_most_four_steps() -> None:
    for most in (*range(1, 3000), 10**6, 10**9 + 1):
        end, step = scale(most)
        assert end >= most
        assert end % step == 0
        assert 1 <= end // step <= 4


def test_a_cell_is_empty_only_without_events() -> None:
    assert [level(each, 100) for each in (0, 1, 20, 21, 99, 100)] == [0, 1, 1, 2, 5, 5]


def test_text_is_escaped_unless_it_is_markup() -> None:
    assert element("p", "<b>", Html("<i>"), title='"&') == '<p title="&quot;&amp;">&lt;b&gt;<i></p>'
    assert together("<", element("br")) == "&lt;<br>"
