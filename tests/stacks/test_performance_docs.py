import re
from pathlib import Path

import pytest

from bench.benchmarks import BENCHMARKS
from bench.measuring import Comparison, Run
from bench.report import BEGIN, DOCUMENT, END, Result, measured, with_rows


@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_table_in_the_docs_has_every_benchmark_with_what_is_wanted(name: str) -> None:
    benchmark = BENCHMARKS[name]
    table = DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0]
    wanted = {row.split("|")[1].strip(): row.split("|")[-2].strip() for row in table.splitlines() if " | " in row}
    assert wanted[benchmark.title] == benchmark.wanted, "write the table again: make bench"
    if benchmark.has_memory:
        assert wanted[f"{benchmark.title}: memory"] == benchmark.wanted_memory
    assert re.search(rf"`{name}`", DOCUMENT.read_text()), "name it in the introduction"


def test_no_path_of_a_machine_is_in_the_docs() -> None:
    assert str(Path.home()) not in DOCUMENT.read_text()


# --- How the table is written ---

HERE = "2 cores, somewhere"


def result(ours: float, baseline: float) -> Result:
    return Result(Comparison([Run(ours, 0, 30)], [Run(baseline, 0, 20)]), Comparison([Run(1, 1, 30)], [Run(1, 1, 20)]))


def test_one_row_is_written_and_the_others_stay() -> None:
    rows = measured({"check": result(2, 1), "many": result(2, 1)})
    text = with_rows(f"before {BEGIN}\n{END} after", rows, HERE)
    assert text.startswith(f"before {BEGIN}\n\nMeasured on {HERE}.\n\n| what |")
    assert text.endswith(f"|\n\n{END} after")
    again = with_rows(text, measured({"check": result(3, 1), "packing": result(0.5, 0.1)}), HERE)
    lines = [line for line in again.splitlines() if line.startswith("| ")][2:]
    assert lines == [
        "| 100 deployments in one file, both stacks each ÷ one deployment | 2.00 s | 1.00 s | **2.00** | ≤ 1.5 |",
        "| 100 deployments in one file, both stacks each ÷ one deployment: memory | 30 MiB | 20 MiB | 1.50 | ≤ 1.6 |",
        "| packing 3,000 customers ÷ packing 300 | 500 ms | 100 ms | 5.00 | ≤ 12, under 1 s |",
        "| `pinekeep check` of the quickstart ÷ `import pydantic, yaml` | 3.00 s | 1.00 s | **3.00** | ≤ 2.5 |",
    ]


def test_what_takes_longer_than_wanted_is_in_bold() -> None:
    (row,) = measured({"access": result(2, 1)}).values()
    assert row.endswith("| **2.00 s** | 1.00 s | 2.00 | under 2 s |")
    assert measured({"twin-floor": result(2, 1)}).popitem()[1].endswith("| 2.00 s | 1.00 s | 2.00 | |")


def test_what_holds_more_memory_than_wanted_is_in_bold() -> None:
    held = Result(Comparison([Run(1, 1)], [Run(1, 1)]), Comparison([Run(1, 1, 600)], [Run(1, 1, 400)]))
    row = measured({"audit-query": held}).popitem()[1]
    assert row.endswith(": memory | **600 MiB** | 400 MiB | 1.50 | under 500 MiB |")


def test_rows_of_another_machine_are_not_mixed_in() -> None:
    text = with_rows(f"{BEGIN}{END}", measured({"check": result(2, 1)}), "another machine")
    with pytest.raises(RuntimeError, match="measured on another machine"):
        with_rows(text, measured({"packing": result(1, 1)}), HERE)
    assert with_rows(text, measured({"check": result(1, 1)}), HERE).count("1.00 s") == 2
