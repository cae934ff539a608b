"""The results as a table, for the terminal and for the docs."""

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.benchmarks import BENCHMARKS
from bench.measuring import Comparison
from pinekeep.operations.synthesis.toolchain import node

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN: Final = "<!-- begin: written by `make bench` -->"
END: Final = "<!-- end: written by `make bench` -->"
_SECOND: Final = 1.0


@dataclass(frozen=True)
class Result:
    """The result of one benchmark. ``memory`` is None where it was not measured."""

    time: Comparison
    memory: Comparison | None


_HEADING: Final = ("| what | ours | baseline | ratio | wanted |", "| --- | ---: | ---: | ---: | ---: |")
Rows = dict[str, str]


def table(rows: Rows) -> str:
    """Return rows as a Markdown table."""
    return "\n".join([*_HEADING, *rows.values()])


def measured(results: Mapping[str, Result]) -> Rows:
    """Return the results as rows of the table, by title."""
    rows: Rows = {}
    for name, result in results.items():
        benchmark = BENCHMARKS[name]
        took = result.time
        ours, baseline = (took.median(runs, lambda run: run.seconds) for runs in (took.ours, took.baseline))
        ratio = took.ratio(lambda run: run.seconds)
        within = benchmark.most_seconds is None or ours < benchmark.most_seconds
        rows[benchmark.title] = _row(
            benchmark.title,
            _seconds(ours) if within else f"**{_seconds(ours)}**",
            _seconds(baseline),
            _ratio(ratio, benchmark.target),
            benchmark.wanted,
        )
        if result.memory is not None and benchmark.has_memory:
            held, title = result.memory, f"{benchmark.title}: memory"
            most, least = (held.median(runs, lambda run: run.peak_mib) for runs in (held.ours, held.baseline))
            within = benchmark.most_mib is None or most < benchmark.most_mib
            rows[title] = _row(
                title,
                f"{most:.0f} MiB" if within else f"**{most:.0f} MiB**",
                f"{least:.0f} MiB",
                _ratio(held.ratio(lambda run: run.peak_mib), benchmark.memory_target),
                benchmark.wanted_memory,
            )
    return rows


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def _ratio(ratio: float, target: float | None) -> str:
    return f"{ratio:.2f}" if target is None or ratio <= target else f"**{ratio:.2f}**"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= _SECOND else f"{value * 1000:.0f} ms"


def machine() -> str:
    """Return the machine's description."""
    version = subprocess.run([str(node()), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, " + (
        f"Node {version.removeprefix('v')}"
    )


def write(results: Mapping[str, Result]) -> None:
    """Update the table in the docs; other rows stay.

    Raises:
        RuntimeError: the other rows are from another machine.
    """
    DOCUMENT.write_text(with_rows(DOCUMENT.read_text(), measured(results), machine()))


def with_rows(text: str, rows: Rows, measured_on: str) -> str:
    """Return the docs with rows added to the table, or replaced in it. Raises RuntimeError: see :func:`write`."""
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    kept = {title: line for title, line in _rows_in(old).items() if title in _titles() and title not in rows}
    said = f"Measured on {measured_on}."
    if kept and said not in old:
        raise RuntimeError("the table was measured on another machine: measure all anew with `make bench`")
    all_rows = {**kept, **rows}
    ordered = {title: all_rows[title] for title in _titles() if title in all_rows}
    return f"{before}{BEGIN}\n\n{said}\n\n{table(ordered)}\n\n{END}{after}"


def _rows_in(text: str) -> Rows:
    lines = [line for line in text.splitlines() if line.startswith("| ") and line not in _HEADING]
    return {line.split("|")[1].strip(): line for line in lines}


def _titles() -> list[str]:
    """Return the titles of all rows, in the table's order."""
    return [
        title
        for each in BENCHMARKS.values()
        for title in (each.title, *([f"{each.title}: memory"] if each.has_memory else []))
    ]
