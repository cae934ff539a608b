"""What a fault is for the table in the docs: each row is a test, and the test holds what the row says.

A test is marked ``@pytest.mark.fault(what, sees=…, safe=…)`` and takes the fixture ``fault``. It must show that the
user sees the sentence: ``fault.require_seen(text)``. Three dots in a sentence stand for anything.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]


@dataclass
class Fault:
    """One fault.

    Attributes:
        what: what goes wrong.
        sees: the sentence that the user reads.
        safe: what is safe all the same, and how things go on.
        shown: whether a test has shown the sentence.
    """

    what: str
    sees: str
    safe: str
    shown: bool = field(default=False, compare=False)

    def require_seen(self, text: str) -> None:
        """Hold what was printed against the sentence; line ends count as spaces."""
        pattern = ".*?".join(re.escape(part) for part in self.sees.split("…"))
        told = " ".join(text.split())
        assert re.search(pattern, told), f"the user does not see {self.sees!r} in:\n{text}"
        self.shown = True


def fault_of(mark: Any) -> Fault:
    """Return the fault of a pytest mark."""
    return Fault(*mark.args, **mark.kwargs)


def all_faults() -> Iterator[Fault]:
    """Yield the fault of every marked test, in the order of the files. Reads the tests without running them.

    Raises:
        ValueError: a mark is not written out in full.
    """
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
                given = {str(each.arg): ast.literal_eval(each.value) for each in node.keywords}
                yield Fault(*(ast.literal_eval(each) for each in node.args), **given)
