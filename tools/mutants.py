"""Change the code in small ways, one at a time, and see that a test fails each time: `make mutants`.

``make mutants MODULE=policies`` does one part. What is changed and which tests are asked is in ``[tool.mutmut]`` of
pyproject.toml; here are the parts, what is left out, and why the changes that no test notices are let be. The command
fails where a part has less than 95 % noticed, or where a change is not noticed and no reason stands here. What comes
of a part is written into docs/mutants.md; the other parts stay there as they were.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
WORK: Final = ROOT / "mutants"
PAGE: Final = ROOT / "docs" / "mutants.md"
WANTED: Final = 95.0
CHILDREN: Final = "1"

PARTS: Final = {
    "policies": ("pinekeep.model.policies.*",),
    "customers": ("pinekeep.model.customers.packing.*", "pinekeep.model.customers.ledger.*"),
    "rules": ("pinekeep.model.config.rules.*",),
    "values": ("pinekeep.model.values.*",),
    "loading": tuple(
        f"pinekeep.model.config.{name}.*"
        for name in ("derived", "handover.customers", "loading", "models", "partial", "roster")
    ),
}
"""The parts that can be run alone, each with the names of its mutants."""

LEFT_OUT: Final = {
    "`words.py`, `config/sentences.py`, `problems.py`": "text for people; "
    "`tests/model/config/refused` holds it word for word",
    "`config/yaml_source.py`, `reading.py`": "reading YAML and files; the random files of "
    "`tests/model/config/test_properties.py` are the better test",
    "`config/schema.py`, `starter.py`": "make documents that are compared whole",
    "`customers/page.py`, `template.py`": "make documents that are compared whole",
    "a line that is nothing but a sentence": "the wording of a message; held word for word where it is said",
    "`values`: `Check`, `Items`, `matching`, `_days`, `_key_arn_of`, `_resource_id`, `_named`": "run while modules are "
    "imported, before the tool can switch a change on; `tests/model/config/test_codes.py` holds their bounds",
    "constants of modules": "the tool changes functions alone; policies and facts are compared whole",
}
"""What is not changed, with the reason."""


AT_IMPORT: Final = (
    "pinekeep.model.values.xǁCheckǁ__*",
    "pinekeep.model.values.xǁItemsǁ__*",
    "pinekeep.model.values.x_matching__*",
    "pinekeep.model.values.keys.x__days__*",
    "pinekeep.model.values.keys.x__key_arn_of__*",
    "pinekeep.model.values.networks.x__resource_id__*",
    "pinekeep.model.values.project.x__named__*",
)
"""The names of mutants that the tool cannot try; they are not counted. See :data:`LEFT_OUT`."""


@dataclass(frozen=True)
class Reason:
    """Why a change that no test notices is let be.

    Attributes:
        where: the function below ``pinekeep.model``, as ``module.function`` or ``module.Class.method``; with stars.
        line: what the changed line holds, as a regular expression.
        why: the reason.
    """

    where: str
    line: str
    why: str


_SAME_LENGTH: Final = "both have the same length already, so `strict` never speaks; it is there for readers"
REASONS: Final = (
    Reason("customers.packing._Shelf.keep", r"zip\(", _SAME_LENGTH),
    Reason("customers.packing._Shelf._settle", r"zip\(", _SAME_LENGTH),
    Reason(
        "customers.packing._Shelf._first_fit",
        r"_first\.get\(|number <= self\._policies_per_role",
        "finds the same place, only later: how long packing takes is measured by `make bench`",
    ),
    Reason(
        "customers.packing._Shelf._fit",
        r"while number <",
        "who comes here with one part has been looked for a place in every policy; the refusal is the same",
    ),
    Reason("customers.packing.pol*", r"describe=None", "None is as false as False"),
    Reason("customers.packing.pack", r"describe=None", "None is as false as False"),
    Reason("values.for_pydantic", r"PydanticCustomError", "what is shown is taken from beside pydantic's own text"),
    Reason("config.handover.customers._keys_that_went", r"zip\(", _SAME_LENGTH),
    Reason(
        "config.rules.uniqueness.role_claim", r"role\.upper\(\)", "in capitals or small letters, names are compared"
    ),
    Reason("config.partial.Wrong.__init__", r"\+ 2\)", "the whole path comes twice, and a set holds it once"),
    Reason("customers.ledger.read_ledger", r"file\.read\(", "reads more than is needed to see that it is too much"),
    Reason("customers.ledger.write_ledger", r"temporary: Path", "an empty text is as false as None"),
    Reason("customers.ledger.write_ledger", r"delete=None", "None is as false as False"),
    Reason("customers.ledger.write_ledger", r"missing_ok", "the file is there whenever this is reached"),
)
"""Why survivors are let be. An entry that fits none any more is told, so that the list stays true."""


@dataclass(frozen=True)
class Survivor:
    """A change that no test noticed."""

    where: str
    before: str
    after: str
    why: str | None
    reason: Reason | None


@dataclass(frozen=True)
class Result:
    """What came of a part."""

    part: str
    total: int
    noticed: int
    survivors: tuple[Survivor, ...]

    @property
    def score(self) -> float:
        """How many of a hundred changes were noticed."""
        return 100 * self.noticed / self.total if self.total else 100.0


def run(parts: list[str]) -> int:
    """Run mutmut over the parts and return its exit code."""
    patterns = [pattern for part in parts for pattern in PARTS[part]]
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", CHILDREN, *patterns]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.stderr.write("\n".join(re.split(r"[\r\n]", done.stdout)[-60:]) + "\n")
    return done.returncode


def outcomes(part: str) -> Iterator[tuple[str, str]]:
    """Yield each mutant of a part with what came of it, in the order of the files."""
    from mutmut.stats import status_by_exit_code  # noqa: PLC0415 - needed here alone

    for file in sorted((WORK / "pinekeep").rglob("*.meta")):
        for name, code in json.loads(file.read_text())["exit_code_by_key"].items():
            if _is_one_of(name, PARTS[part]) and not _is_one_of(name, AT_IMPORT):
                yield name, status_by_exit_code[code]


def _is_one_of(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def survivor(name: str) -> Survivor:
    """Return what was changed, with the reason to let it be."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant  # noqa: PLC0415

    changed = [line for line in get_diff_for_mutant(name).splitlines() if line[:1] in "+-"]
    before, after = (
        " ".join(line[1:].strip() for line in changed if line.startswith(sign) and not line.startswith(sign * 3))
        for sign in "-+"
    )
    where = re.sub(r"__mutmut_\d+$", "", name).removeprefix("pinekeep.model.")
    where = re.sub(r"\.x_", ".", re.sub(r"\.xǁ(\w+)ǁ", r".\1.", where))
    fits = (each for each in REASONS if fnmatchcase(where, each.where) and re.search(each.line, f"{before}\n{after}"))
    reason = next(fits, None)
    return Survivor(where, before, after, reason.why if reason else None, reason)


def result(part: str) -> Result:
    """Return what came of a part.

    Raises:
        RuntimeError: it was not run to its end.
    """
    found = list(outcomes(part))
    left = sum(status == "not checked" for _, status in found)
    if left or not found:
        raise RuntimeError(f"{part} was not run to its end: {left:,} of {len(found):,} changes were not tried")
    noticed = {"killed", "timeout", "segfault", "caught by type check"}
    survivors = tuple(survivor(name) for name, status in found if status not in noticed)
    return Result(part, len(found), len(found) - len(survivors), survivors)


HEAD: Final = f"""# Changes that no test notices

<!-- Made by `make mutants`. The reasons are in tools/mutants.py. -->

`make mutants` changes the code that decides about access in small ways, one at a time, and runs its tests: {{tool}}.
At least {WANTED:.0f} % of the changes must make a test fail, and each that does not has a reason here. A change after
which the tests do not end counts as noticed. `make mutants MODULE=policies` does one part. None is part of `make test`,
because they take long: half an hour together on an idle machine.

## What is left out

| What | Why |
| --- | --- |
{{left_out}}

## What came of it
"""


def section(result_: Result | None, part: str) -> str:
    """Return the section of a part in the docs; None stands for a part that was never run to its end."""
    names = ", ".join(f"`{pattern.removesuffix('.*')}`" for pattern in PARTS[part])
    if result_ is None:
        return f"### {part}\n\n{names}: not run to its end yet.\n"
    told = f"{names}: {result_.noticed:,} of {result_.total:,} changes noticed, **{result_.score:.1f} %**."
    lines = [f"### {part}", "", told, ""]
    by_reason: dict[str, list[Survivor]] = {}
    for found in result_.survivors:
        by_reason.setdefault(found.why or "no reason given", []).append(found)
    for why, alike in by_reason.items():
        lines += [f"- {why[0].upper()}{why[1:]}:"]
        lines += [f"  - `{found.where}`: `{found.after or 'taken out'}` for `{found.before}`" for found in alike]
    return "\n".join(lines).rstrip() + "\n"


def page(results: list[Result], old: str) -> str:
    """Return the page of the docs.

    Args:
        results: what came of the parts that were run.
        old: the page as it was.
    """
    from mutmut import __version__  # noqa: PLC0415

    head = HEAD.format(
        tool=f"mutmut {__version__}", left_out="\n".join(f"| {what} | {why} |" for what, why in LEFT_OUT.items())
    )
    sections = []
    for part in PARTS:
        new = next((each for each in results if each.part == part), None)
        kept = re.search(rf"^### {part}\n(?:(?!### ).*\n?)*", old, re.MULTILINE)
        sections.append(kept[0].rstrip() + "\n" if kept and new is None else section(new, part))
    return "\n".join([head, *sections])


def main(arguments: list[str]) -> int:
    """Run, tell, and return the exit code."""
    if unknown := [each for each in arguments if each not in PARTS]:
        sys.stderr.write(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}\n")
        return 2
    # What the tool finds from an earlier run it takes for granted, also where the tests or its settings have changed.
    shutil.rmtree(WORK, ignore_errors=True)
    failed = [part for part in arguments or PARTS if not one_part(part)]
    if failed:
        print(f"not as wanted: {', '.join(failed)}")
    return 1 if failed else 0


def one_part(part: str) -> bool:
    """Run a part, tell what came of it, and write it into the docs; return whether all is as wanted."""
    if run([part]):
        return False
    found = result(part)
    print(f"{part}: {found.noticed:,} of {found.total:,} changes noticed, {found.score:.1f} %")
    unexplained = [each for each in found.survivors if each.why is None]
    for each in unexplained:
        print(f"not noticed, and no reason given: {each.where}\n  - {each.before}\n  + {each.after}")
    mine = tuple(pattern.removeprefix("pinekeep.model.") for pattern in PARTS[part])
    used = {each.reason for each in found.survivors}
    for reason in (each for each in REASONS if each not in used and _is_one_of(each.where, mine)):
        print(f"a reason that fits nothing any more: {reason.where}: {reason.line}")
    PAGE.write_text(page([found], PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""), encoding="utf-8")
    return found.score >= WANTED and not unexplained


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
