import re
from pathlib import Path

import pytest

from bench.benchmarks import BENCHMARKS
from bench.report import BEGIN, DOCUMENT, END


@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_table_in_the_docs_has_every_benchmark_with_what_is_wanted(name: str) -> None:
    benchmark = BENCHMARKS[name]
    table = DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0]
    wanted = {row.split("|")[1].strip(): row.split("|")[-2].strip() for row in table.splitlines() if " | " in row}
    target = "" if benchmark.target is None else f"≤ {benchmark.target:g}"
    assert wanted[benchmark.title] == target, "write the table again: make bench"
    if benchmark.memory_target is not None:
        assert wanted[f"{benchmark.title}: memory"] == f"≤ {benchmark.memory_target:g}"
    assert re.search(rf"`{name}`", DOCUMENT.read_text()), "name it in the introduction"


def test_no_path_of_a_machine_is_in_the_docs() -> None:
    assert str(Path.home()) not in DOCUMENT.read_text()
