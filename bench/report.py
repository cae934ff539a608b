"""Telling the results: a table for the terminal and the same one in the docs."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.benchmarks import BENCHMARKS
from bench.measuring import Comparison
from pinekeep.toolchain import node

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN: Final = "<!-- begin: written by `make bench` -->"
END: Final = "<!-- end: written by `make bench` -->"
_SECOND: Final = 1.0


@dataclass(frozen=True)
class Result:
    """What came of one benchmark.

    Attributes:
        time: the runs for the clock.
        memory: the runs for memory, or None where memory was not looked at.
    """

    time: Comparison
    memory: Comparison | None


def table(results: Mapping[str, Result]) -> str:
    """Return the results as a Markdown table."""
    lines = ["| what | ours | baseline | ratio | wanted |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, result in results.items():
        benchmark = BENCHMARKS[name]
        took = result.time
        ours, baseline = (_seconds(took.median(runs, lambda run: run.seconds)) for runs in (took.ours, took.baseline))
        lines.append(_row(benchmark.title, ours, baseline, took.ratio(lambda run: run.seconds), benchmark.target))
        if result.memory is not None and benchmark.memory_target is not None:
            held = result.memory
            ours, baseline = (
                f"{held.median(runs, lambda run: run.peak_mib):.0f} MiB" for runs in (held.ours, held.baseline)
            )
            ratio = held.ratio(lambda run: run.peak_mib)
            lines.append(_row(f"{benchmark.title}: memory", ours, baseline, ratio, benchmark.memory_target))
    return "\n".join(lines)


def _row(title: str, ours: str, baseline: str, ratio: float, target: float | None) -> str:
    if target is None:
        return f"| {title} | {ours} | {baseline} | {ratio:.2f} | |"
    shown = f"{ratio:.2f}" if ratio <= target else f"**{ratio:.2f}**"
    return f"| {title} | {ours} | {baseline} | {shown} | ≤ {target:g} |"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= _SECOND else f"{value * 1000:.0f} ms"


def machine() -> str:
    """Return what the numbers were measured on."""
    version = subprocess.run([str(node()), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, " + (
        f"Node {version.removeprefix('v')}"
    )


def write(results: Mapping[str, Result]) -> None:
    """Put the table of all benchmarks into the docs."""
    block = f"{BEGIN}\n\nMeasured on {machine()}.\n\n{table(results)}\n\n{END}"
    text = DOCUMENT.read_text()
    DOCUMENT.write_text(re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: block, text, flags=re.DOTALL))
