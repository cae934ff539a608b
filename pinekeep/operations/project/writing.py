"""Writing a new CDK project into an empty folder."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from pinekeep import __version__
from pinekeep.errors import WrongInputError
from pinekeep.model.config.starter import ACCOUNT_PLACEHOLDER
from pinekeep.model.facts import pinecone
from pinekeep.model.resources import PROJECT

_TEMPLATE: Final = Path(__file__).with_name("template")
_SUFFIX: Final = ".txt"
_HIDDEN: Final = ("gitignore", "github")
"""Names that have a dot in front in a project."""


def write_project(folder: Path, *, name: str, external_id: str) -> list[Path]:
    """Write a CDK project with a fresh external ID into an empty or new folder, and return its files.

    Raises WrongInputError if the folder is not empty or cannot be written; what was written of the project is removed.
    """
    _require_empty(folder)
    content = project_files(name=name, external_id=external_id)
    written: list[Path] = []
    try:
        for relative, text in content.items():
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise _unwritable(folder, error) from None
    return written


def project_files(*, name: str, external_id: str) -> dict[str, str]:
    """Return the files of a project: their paths in it, and their contents."""
    values = {
        "@NAME@": name,
        "@EXTERNAL_ID@": external_id,
        "@PLACEHOLDER@": ACCOUNT_PLACEHOLDER,
        "@ACCOUNT_PLACE@": pinecone.ACCOUNT_PLACE,
        "@KEYS_PLACE@": pinecone.CMEK_CONSOLE_PATH,
        "@ENDPOINT_PLACE@": pinecone.ENDPOINT_CONSOLE_PATH,
        "@PINEKEEP@": __version__,
        "@AWS_CDK_LIB@": version("aws-cdk-lib"),
        "@CONSTRUCTS@": version("constructs"),
        "@AWS_CDK@": json.loads((PROJECT / "package.json").read_text())["devDependencies"]["aws-cdk"],
    }
    files = {}
    for path in sorted(_TEMPLATE.rglob(f"*{_SUFFIX}")):
        relative = path.relative_to(_TEMPLATE).as_posix().removesuffix(_SUFFIX)
        text = path.read_text(encoding="utf-8")
        for mark, value in values.items():
            text = text.replace(mark, value)
        files[f".{relative}" if relative.startswith(_HIDDEN) else relative] = text
    return {**files, "cdk.json": _cdk_json()}


def _cdk_json() -> str:
    """Return the CDK's settings: Pinekeep's own, with the feature flags that its templates are tested with."""
    settings: dict[str, Any] = json.loads((PROJECT / "cdk.json").read_text(encoding="utf-8"))
    settings["app"] = "python3 app.py"
    settings["watch"] = {"include": ["**"], "exclude": ["README.md", "cdk*.json", "requirements*.txt", "tests"]}
    return json.dumps(settings, indent=2) + "\n"


def _require_empty(folder: Path) -> None:
    try:
        if folder.exists() and any(path.name != ".git" for path in folder.iterdir()):
            raise WrongInputError(f"{folder} is not empty", hint="name a new or an empty folder")
    except NotADirectoryError:
        raise WrongInputError(f"{folder} is a file", hint="name a new folder") from None
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(folder: Path, error: OSError) -> WrongInputError:
    return WrongInputError(
        f"{folder} cannot be written: {error.strerror}", hint="name a folder that you can write to, or its owner"
    )
