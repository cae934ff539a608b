"""Files that are wrong, each with what is said about it, word for word.

The tests hold the loader against them, and the table in docs/problems.md is made from them. They are in
``refused/*.md``: a title, the file (as a change to ``right.yaml``, or whole), perhaps the ledger of customers beside
it (``json``) or the file of what was handed over (``handed-over``), and what is said. Those of ``fleet*.md`` are
changes to ``right_fleet.yaml``, beside which is ``right_fleet.csv`` as ``fleet.csv``, unless the case has another one
(``csv``), or rows in ``rows.yaml`` (``rows``). A line between may
say ``schema: silent`` (a JSON Schema cannot tell), ``schema: unasked`` (no YAML for it to see), or ``only: CODE``
(other problems of the file are left out).

After a change of the messages, ``python -m tests.model.config.bad_files`` writes what is said anew. Review it with
``git diff``, as the one who would have to understand it.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pinekeep.model.config import ConfigurationError, Problem, load
from pinekeep.model.config.fleet.reading import read_fleets
from pinekeep.model.config.handover.file import handover_path
from pinekeep.model.customers.ledger import ledger_path

FILE: Final = "pinekeep.yaml"
FOLDER: Final = Path(__file__).parent / "refused"
RIGHT: Final = (FOLDER / "right.yaml").read_text(encoding="utf-8")
RIGHT_FLEET: Final = (FOLDER / "right_fleet.yaml").read_text(encoding="utf-8")
RIGHT_ROWS: Final = (FOLDER / "right_fleet.csv").read_text(encoding="utf-8")

_CASE: Final = re.compile(r"^## (?P<title>.+)\n(?P<body>(?:(?!## ).*\n?)*)", re.MULTILINE)
_BLOCK: Final = re.compile(
    r"^```(?P<kind>diff|yaml|text|json|handed-over|csv|rows)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE
)
_NOTE: Final = re.compile(r"^(?P<name>schema|only): (?P<value>\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One file that is wrong.

    Attributes:
        title: what is wrong with it.
        put: makes the file in a folder and returns its path.
        says: what is said, problem by problem.
        text: the file's content, where it is text that YAML can read.
        change: what differs from the right file, as a reader would like to see it.
        schema_says: whether the JSON Schema refuses it, too; None where it is not asked.
        only: the code of the problem that it is about, where others come along.
    """

    title: str
    put: Callable[[Path], Path]
    says: str
    text: str | None = None
    change: str | None = None
    schema_says: bool | None = None
    only: str | None = None

    def problems(self, folder: Path) -> list[Problem]:
        """Return what is found when templates are to be made of it.

        Raises:
            AssertionError: it finds nothing.
        """
        try:
            configuration = load(self.put(folder))
            configuration.require_as_handed_over(configuration.deployments)
            read_fleets(configuration)
        except ConfigurationError as error:
            found = [each if each.file is None else replace(each, file=Path(each.file).name) for each in error.problems]
            return [problem for problem in found if self.only in (None, problem.code)]
        raise AssertionError(f"nothing is wrong with {self.title}")


def rendered(problems: list[Problem]) -> str:
    """Return the problems as they are printed."""
    return "".join(problem.render(FILE) + "\n" for problem in problems)


def cases() -> list[Case]:
    """Return all cases, by topic."""
    return [*(case for file in sorted(FOLDER.glob("*.md")) for case in _read(file)), *_odd_files(), *_odd_rows()]


def _read(file: Path) -> Iterator[Case]:
    for match in _CASE.finditer(file.read_text(encoding="utf-8")):
        blocks = {block["kind"]: block["text"] for block in _BLOCK.finditer(match["body"])}
        notes = {note["name"]: note["value"] for note in _NOTE.finditer(_BLOCK.sub("", match["body"]))}
        fleet = file.stem.startswith("fleet")
        right = RIGHT_FLEET if fleet else RIGHT
        text = blocks["yaml"] if "yaml" in blocks else _changed(right, blocks.get("diff", ""))
        beside = {"fleet.csv": blocks.get("csv", RIGHT_ROWS).encode()} if fleet else {}
        if "rows" in blocks:
            beside["rows.yaml"] = blocks["rows"].encode()
        yield Case(
            title=match["title"],
            put=_writes(text.encode(), blocks.get("json"), blocks.get("handed-over"), beside=beside),
            says=blocks["text"],
            text=text,
            change=next((blocks[kind] for kind in ("diff", "yaml", "csv", "rows") if kind in blocks), None),
            schema_says={"silent": False, "unasked": None}.get(notes.get("schema", ""), True),
            only=notes.get("only"),
        )


def _changed(right: str, diff: str) -> str:
    """Return the right file with the lines in the diff exchanged."""
    text = right
    for hunk in re.finditer(r"(?P<old>(?:-.*\n)+)(?P<new>(?:\+.*\n)*)", diff):
        old, new = (re.sub(r"^[-+]", "", hunk[side], flags=re.MULTILINE) for side in ("old", "new"))
        assert old in text, f"{old!r} is not in the file"
        text = text.replace(old, new, 1)
    return text


def _writes(
    content: bytes,
    ledger: str | None = None,
    handed_over: str | None = None,
    *,
    beside: Mapping[str, bytes] | None = None,
) -> Callable[[Path], Path]:
    def put(folder: Path) -> Path:
        for name, each in (beside or {}).items():
            (folder / name).write_bytes(each)
        path = folder / FILE
        path.write_bytes(content)
        if ledger is not None:
            ledger_path(path).write_text(ledger)
        if handed_over is not None:
            handover_path(path).write_text(handed_over)
        return path

    return put


def _odd_files() -> Iterator[Case]:
    """Yield what cannot be written down as text."""

    def case(title: str, put: Callable[[Path], Path], says: str) -> Case:
        return Case(title, put, says)

    def directory(folder: Path) -> Path:
        (folder / FILE).mkdir()
        return folder / FILE

    def pipe(folder: Path) -> Path:
        os.mkfifo(folder / FILE)
        return folder / FILE

    start = "  hint: `pinekeep init` writes one to start from\n"
    yield case(
        "a file that is not there", lambda folder: folder / FILE, f"{FILE}: error: the file does not exist\n{start}"
    )
    yield case("an empty file", _writes(b""), f"{FILE}: error: the file contains no settings\n{start}")
    yield case(
        "a directory",
        directory,
        f"{FILE}: error: this is a directory, expected a file\n  hint: name the file in it\n",
    )
    yield case("a pipe", pipe, f"{FILE}: error: this is not a regular file\n  hint: name a YAML file\n")
    yield case(
        "a name that the system refuses",
        lambda folder: folder / ("p" * 300),
        f"{FILE}: error: the file cannot be read: File name too long\n  hint: name another file\n",
    )
    yield case(
        "a file of 11 MB",
        _writes(b"# pinekeep\n" * 1_000_000),
        f"{FILE}: error: the file is larger than 1,024 KiB\n  hint: split it in two\n",
    )
    yield case(
        "a text in UTF-16",
        _writes("version: 1\n".encode("utf-16")),
        f"{FILE}: error: the text is UTF-16, expected UTF-8\n  hint: save the file as UTF-8\n",
    )
    yield case(
        "a text in Latin-1",
        _writes("version: 1\n# clé\n".encode("latin-1")),
        f"{FILE}:2:5: error: the text is not UTF-8\n  hint: save the file as UTF-8\n",
    )
    yield case(
        "binary data",
        _writes(b"\x7fELF\x00\x01"),
        f"{FILE}: error: this is binary data, not text\n  hint: name a YAML file\n",
    )
    yield case(
        "a control character",
        _writes(b"version: 1\n# \x1b[2J\n"),
        f"{FILE}:2:3: error: the character U+001B is not allowed in YAML\n"
        "  hint: remove it; in a text in double quotes it can be written with a backslash\n",
    )
    keys = ", ".join(f"arn:aws:kms:us-east-1:444455556666:key/12345678-1234-4234-8234-{n:012d}" for n in range(1000))
    customer = f"      customer_keys: [{{name: acme, account: '444455556666', key_arns: [{keys}]}}]\n"
    yield case(
        "more keys of a customer than a role can hold",
        _writes(RIGHT.replace("      key:\n", f"{customer}      key:\n").encode()),
        f"{FILE}:14:22: error: deployments.search.cmek.customer_keys: the keys of customer acme take 78,000 characters "
        "of policy; a role holds 10 managed policies with 6,007 characters each\n"
        "  hint: leave key_arns out, which takes one entry for the whole account\n",
    )
    administrators = ", ".join(
        f"'arn:aws:iam::111122223333:role/administrators/Administrator{n:03}'" for n in range(270)
    )
    yield case(
        "more administrators than a key policy can hold",
        _writes(RIGHT.replace("administrators: []", f"administrators: [{administrators}]").encode()),
        f"{FILE}:19:25: error: deployments.search.cmek.key.administrators: with 270 administrators the key policy "
        "would have 36,315 bytes, KMS allows 32,768\n"
        "  hint: let the administrators assume one role, and name that one\n",
    )
    yield case(
        "a number that is too long for one",
        _writes(b"version: " + b"9" * 5000 + b"\ndeployments: !none x\n"),
        f"{FILE}:1:10: error: version: YAML cannot read '{'9' * 60}'… (5,000 characters) as a value\n"
        f"  hint: put it in quotes\n"
        f"{FILE}:2:14: error: deployments: the tag !none is not allowed\n"
        "  hint: write a plain value\n",
    )


def _odd_rows() -> Iterator[Case]:
    """Yield files of targets that cannot be written down as text."""

    def case(title: str, content: bytes, says: str) -> Case:
        return Case(title, _writes(RIGHT_FLEET.encode(), beside={"fleet.csv": content}), says)

    def linked(folder: Path) -> Path:
        path = _writes(RIGHT_FLEET.encode())(folder)
        (folder / "fleet.csv").symlink_to(FOLDER / "right_fleet.csv")
        return path

    def pipe(folder: Path) -> Path:
        path = _writes(RIGHT_FLEET.encode())(folder)
        os.mkfifo(folder / "fleet.csv")
        return path

    ids = "5f6b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
    many = "account,cmek.trust.external_id\n" + "".join(f"{100000000000 + n},{ids}\n" for n in range(10_001))
    yield case(
        "10,001 rows",
        many.encode(),
        "fleet.csv:10002:1: error: a file of targets has at most 10,000 rows, and this is one more\n"
        "  hint: split it, with a fleet for each part\n",
    )
    yield case(
        "a file of targets of 50 MB",
        b"account,cmek.trust.external_id\n" * 1_700_000,
        "fleet.csv: error: the file is larger than 16,384 KiB\n  hint: split it in two\n",
    )
    start = (
        "  hint: write a line with the names of the columns, such as account,cmek.trust.external_id, and a row for "
        "each account; `pinekeep fleet targets --add ACCOUNT` writes rows, and creates the file\n"
    )
    yield case("an empty file of targets", b"", f"fleet.csv: error: the file contains no rows\n{start}")
    yield case(
        "a file of targets in UTF-16",
        RIGHT_ROWS.encode("utf-16"),
        "fleet.csv: error: the text is UTF-16, expected UTF-8\n  hint: save the file as UTF-8\n",
    )
    yield case(
        "a file of targets in Latin-1",
        RIGHT_ROWS.replace(",", ",\xe9", 2).encode("latin-1"),
        "fleet.csv:1:9: error: the text is not UTF-8\n  hint: save the file as UTF-8\n",
    )
    yield case(
        "a spreadsheet in place of a CSV file",
        b"PK\x03\x04\x00\x00",
        "fleet.csv: error: this is binary data, not text\n  hint: name a CSV file\n",
    )
    yield Case(
        "a symbolic link to a file of targets elsewhere",
        linked,
        "fleet.csv: error: the file is outside of the folder of the configuration file\n"
        "  hint: keep it beside or below the configuration file; a symbolic link may not lead elsewhere\n",
    )
    yield Case(
        "a pipe in place of a file of targets",
        pipe,
        "fleet.csv: error: this is not a regular file\n  hint: name a CSV file\n",
    )


def _write_anew(file: Path) -> None:
    """Write what is said in a file of cases."""
    text = file.read_text(encoding="utf-8")
    for case in _read(file):
        with tempfile.TemporaryDirectory() as folder:
            says = rendered(case.problems(Path(folder)))
        heading = f"## {case.title}\n"
        before, _, after = text.partition(heading)
        text = before + heading + after.replace(f"```text\n{case.says}```", f"```text\n{says}```", 1)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for each in sorted(FOLDER.glob("*.md")):
        _write_anew(each)
