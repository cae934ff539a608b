"""From the cloud assembly of shapes to the one of their deployments: the files of each stack, filled in.

Source: the cloud assembly schema of aws-cdk-lib 2.275.0: a template's asset is named by the SHA-256 of its bytes, a
destination by the first eight digits of that of its JSON.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import stacks_of
from pinekeep.operations.synthesis.shapes import Shape

LEAST: Final = 4
"""From how many deployments on a shape is worth it: the shape and two of its deployments are synthesized."""
_MANIFEST: Final = "manifest.json"
_REPORT: Final = "validation-report.json"
_TEMPLATE: Final = ".template.json"
_ASSETS: Final = ".assets.json"
_FILES: Final = (_TEMPLATE, _ASSETS, ".metadata.json")
_DIGEST_LENGTH: Final = 8


class DifferentTemplatesError(Exception):
    """A template that was filled in differs from the one that was synthesized."""


def witnesses(shape: Shape) -> list[str]:
    """Return the deployments that are synthesized as well, to compare: those with the shortest and longest values."""
    by_length = sorted(shape.members, key=lambda name: (sum(map(len, shape.members[name].values())), name))
    return [by_length[0], by_length[-1]]


def expand(folder: Path, shapes: Sequence[Shape], deployments: Mapping[str, Deployment]) -> None:
    """Replace the files of the shapes in an assembly by those of their deployments, in the deployments' order.

    ``folder``: the assembly of the shapes, of their witnesses, and of the deployments without a shape. Raises
    DifferentTemplatesError, before a file is changed, if a witness differs from the shape that was filled in.
    """
    manifest = json.loads(_read(folder / _MANIFEST))
    artifacts: dict[str, Any] = manifest["artifacts"]
    written: dict[str, str] = {}
    added: dict[str, Any] = {}
    for shape in shapes:
        stacks = [_Stack.read(folder, artifacts, stack) for stack in stacks_of(shape.name, shape.deployment)]
        compared = witnesses(shape)
        for name, values in shape.members.items():
            for stack in stacks:
                files, entries = stack.filled(values)
                if name in compared:
                    _compare(folder, artifacts, files, entries)
                written |= files
                added |= entries
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    placeholders = remove_placeholders(folder, shapes)
    manifest["artifacts"] = _in_order({**artifacts, **added}, deployments, without=placeholders)
    (folder / _MANIFEST).write_text(_as_json(manifest), encoding="utf-8")
    _clean_report(folder / _REPORT, placeholders)


def remove_placeholders(folder: Path, shapes: Sequence[Shape]) -> list[str]:
    """Remove the files of the stacks with placeholders; return the stacks' names."""
    placeholders = [stack for shape in shapes for stack in stacks_of(shape.name, shape.deployment)]
    for stack, suffix in product(placeholders, _FILES):
        (folder / f"{stack}{suffix}").unlink(missing_ok=True)
    return placeholders


@dataclass(frozen=True)
class _Stack:
    """The files of a stack with placeholders, and its entries in the manifest."""

    files: Mapping[str, str]
    entries: Mapping[str, str]
    digest: str

    @classmethod
    def read(cls, folder: Path, artifacts: Mapping[str, Any], stack: str) -> "_Stack":
        # A stack without the bootstrap's bucket has no assets.
        present = [path for suffix in _FILES if (path := folder / f"{stack}{suffix}").exists()]
        files = {path.name: _read(path) for path in present}
        entries = {key: _as_json(artifacts[key]) for key in (f"{stack}.assets", stack) if key in artifacts}
        return cls(files=files, entries=entries, digest=_digest(files[f"{stack}{_TEMPLATE}"]))

    def filled(self, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
        """Return the files and the manifest's entries of a deployment."""
        fill = _Filling(values)
        files = {fill(name): fill(text) for name, text in self.files.items()}
        (template,) = (text for name, text in files.items() if name.endswith(_TEMPLATE))
        fill = _Filling({**values, self.digest: _digest(template)})
        for assets in (name for name in self.files if name.endswith(_ASSETS)):
            files[fill(assets)] = _with_destinations(fill(self.files[assets]))
        return files, {fill(key): json.loads(fill(text)) for key, text in self.entries.items()}


class _Filling:
    """Replaces placeholders by values, as they are written in JSON."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: json.dumps(value, ensure_ascii=False)[1:-1] for name, value in values.items()}
        self._names = re.compile("|".join(sorted(map(re.escape, values), key=len, reverse=True)))

    def __call__(self, text: str) -> str:
        return self._names.sub(lambda found: self._values[found[0]], text)


def _with_destinations(text: str) -> str:
    """Return a manifest of assets whose destinations are named by their content."""
    manifest = json.loads(text)
    for asset in manifest["files"].values():
        asset["destinations"] = dict(_renamed(*each) for each in asset["destinations"].items())
    return _as_json(manifest)


def _renamed(key: str, destination: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    content = json.dumps(destination, separators=(",", ":"), ensure_ascii=False)
    return key[:-_DIGEST_LENGTH] + _digest(content)[:_DIGEST_LENGTH], destination


def _compare(folder: Path, artifacts: Mapping[str, Any], files: Mapping[str, str], entries: Mapping[str, Any]) -> None:
    for name, text in files.items():
        if _read(folder / name) != text:
            raise DifferentTemplatesError(name)
    for key, entry in entries.items():
        if _as_json(artifacts[key]) != _as_json(entry):
            raise DifferentTemplatesError(key)


def _in_order(
    artifacts: Mapping[str, Any], deployments: Mapping[str, Deployment], *, without: Sequence[str]
) -> dict[str, Any]:
    """Return the artifacts as the CDK writes them: by deployment, then what belongs to the whole app."""
    stacks = [stack for name, each in deployments.items() for stack in stacks_of(name, each)]
    keys = [key for stack in stacks for key in (f"{stack}.assets", stack)]
    left = {key for stack in without for key in (f"{stack}.assets", stack)}
    known = set(keys) | left
    rest = [key for key in artifacts if key not in known]
    return {key: artifacts[key] for key in (*keys, *rest) if key in artifacts}


def _clean_report(path: Path, placeholders: Sequence[str]) -> None:
    """Remove from a validation report, if there is one, what it says of the placeholders."""
    if not path.exists():
        return
    report = json.loads(_read(path))
    for plugin in report["pluginReports"]:
        for kind in ("violations", "suppressedViolations"):
            found = [
                {**each, "violatingConstructs": kept}
                for each in plugin.get(kind, [])
                if (kept := [one for one in each["violatingConstructs"] if _stack_of(one) not in placeholders])
            ]
            if kind in plugin:
                plugin[kind] = found
    path.write_text(_as_json(report), encoding="utf-8")


def _stack_of(construct: Mapping[str, Any]) -> str:
    return str(construct["constructPath"]).partition("/")[0]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
