"""Write ``docs/demo.svg``, the picture of the terminal in the README, from a run of `pinekeep demo`: `make picture`.

The output of the run comes from a file, if one is named, and otherwise from a run that is made now.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT: Final = Path(__file__).resolve().parents[1]
PICTURE: Final = ROOT / "docs" / "demo.svg"
WIDTH: Final = 104
_MARKS: Final = {"✓": "green", "✗": "red"}
_FIRST: Final = 5
"""Steps that are shown before the values for the console."""
_NEXT: Final = 4
"""Steps that are shown after them."""


def excerpt(lines: list[str]) -> Iterator[str]:
    """Yield the lines to show: the first steps, the values for the key, what is refused, and revoking access."""
    steps = [line for line in lines if line[:1] in _MARKS]
    values = lines[lines.index("") + 3 :]
    yield "$ pinekeep demo"
    yield from steps[:_FIRST]
    yield ""
    yield from values[: next(index for index, line in enumerate(values) if line.lstrip().startswith("!")) - 1]
    yield ""
    yield from steps[_FIRST : _FIRST + _NEXT]
    yield "  …"
    yield from [line for line in steps if "`pinekeep revoke" in line or "`pinekeep restore" in line][:2]
    yield "  …"
    yield ""
    yield lines[-1]


def drawn(lines: Iterator[str]) -> str:
    """Return the lines as SVG, without fonts from elsewhere."""
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, color_system="truecolor", force_terminal=True)
        for line in lines:
            text = Text(line)
            if line[:1] in _MARKS:
                text.stylize(_MARKS[line[0]], 0, 1)
                text.stylize("dim", 1, 12)
            if line.startswith("$"):
                text.stylize("bold")
            console.print(text, no_wrap=True, overflow="ellipsis")
        begin, end = CONSOLE_SVG_FORMAT.index("    @font-face"), CONSOLE_SVG_FORMAT.index("    .{unique_id}-matrix")
        form = CONSOLE_SVG_FORMAT[:begin] + CONSOLE_SVG_FORMAT[end:]
        form = form.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
        return console.export_svg(title="pinekeep demo", theme=MONOKAI, code_format=form, unique_id="demo")


def main(arguments: list[str]) -> None:
    """Draw the output in the file that is named, or of a run."""
    if arguments:
        output = Path(arguments[0]).read_text(encoding="utf-8")
    else:
        command = [sys.executable, "-m", "pinekeep", "demo"]
        output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    PICTURE.write_text(drawn(excerpt(output.strip().split("\n"))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
