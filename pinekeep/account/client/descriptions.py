"""Lazy loading of botocore's service descriptions.

EC2's has more than 700 operations and 3,000 shapes in four megabytes. A command uses a dozen operations, so each shape
is parsed on first use. botocore parses everything before the first call, which takes longer than the calls.
"""

import gzip
import json
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from botocore.loaders import JSONFileLoader, Loader

SUFFIXES: Final = (".json", ".json.gz")
_SERVICE: Final = "service-2"
_EMPTY: Final = b'\n  "shapes":{'
_OPENING: Final = _EMPTY + b'\n    "'
_CLOSING: Final = b"\n  }"
_BETWEEN: Final = b',\n    "'
_ERROR: Final = b'"exception":true'


class Descriptions(Loader):
    """Finds service descriptions, as botocore's own loader does."""

    def __init__(self, search_paths: list[str]) -> None:
        super().__init__(extra_search_paths=search_paths, include_default_search_paths=False, file_loader=FileLoader())

    # pyrefly: ignore[bad-override] - a container is all that botocore needs
    def list_available_services(self, type_name: str) -> Container[str]:  # noqa: ARG002 - botocore's signature
        """Return a container of every name: botocore lists 400 folders to find one; a missing one fails at loading."""
        return _Everything()


class _Everything(Container[str]):
    def __contains__(self, _: object) -> bool:
        return True


class FileLoader(JSONFileLoader):
    """Loads the same files as botocore's own loader, into equal dictionaries."""

    def load_file(self, file_path: str) -> Any:
        """Return the content of a file, given its path without the suffix; None where there is none."""
        for suffix in SUFFIXES:
            path = Path(file_path + suffix)
            if path.is_file():
                content = path.read_bytes()
                content = gzip.decompress(content) if suffix.endswith(".gz") else content
                found = split(content) if path.name.startswith(_SERVICE) else None
                # botocore makes an OrderedDict of every object, which takes twice as long.
                return json.loads(content) if found is None else found
        return None


def split(content: bytes) -> dict[str, Any] | None:
    """Return a service description whose shapes are parsed on first use.

    ``content``: JSON in the layout of botocore's files, indented by two spaces. Returns the description; None where the
    layout differs.
    """
    begin = content.find(_OPENING)
    end = content.find(_CLOSING, begin)
    if begin < 0 or end < 0:
        return None
    section = content[begin + len(_OPENING) : end]
    shapes = _named(section)
    if shapes is None:
        return None
    try:
        found = json.loads(content[:begin] + _EMPTY + content[end:])
    except ValueError:
        return None
    return {**found, "shapes": Shapes(shapes, errors=_ERROR in section)}


def _named(inside: bytes) -> dict[str, bytes] | None:
    found: dict[str, bytes] = {}
    for entry in inside.split(_BETWEEN):
        name, separator, content = entry.partition(b'":')
        if not separator or not content.startswith(b"{"):
            return None
        found[name.decode()] = content
    return found


class Shapes(dict[str, Any]):
    """Shapes by name, from JSON, each parsed on first use. ``errors``: whether any is an error; EC2 describes none."""

    def __init__(self, shapes: Mapping[str, bytes], *, errors: bool) -> None:
        super().__init__(shapes)
        self._errors = errors

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if isinstance(found, bytes):
            found = json.loads(found)
            self[name] = found
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return a shape."""
        return self[name] if name in self else default  # noqa: SIM401 - that would end in here again

    def items(self) -> Any:
        """Return all shapes, parsed."""
        return [(name, self[name]) for name in self]

    def values(self) -> Any:
        """Return all shapes, parsed."""
        return [self[name] for name in self]

    def __eq__(self, other: object) -> bool:
        return dict(self.items()) == other

    __hash__ = None

    def of_errors(self) -> Iterator[str]:
        """Yield the names of the error shapes."""
        for name in self if self._errors else ():
            found = super().__getitem__(name)
            if _ERROR in found if isinstance(found, bytes) else found.get("exception"):
                yield name


class _Errors:
    """The errors of a service, in place of botocore's list, which parses every shape."""

    def __init__(self, model: Any, shapes: Shapes) -> None:
        self._model = model
        self._shapes = shapes

    def __iter__(self) -> Iterator[Any]:
        return (self._model.shape_for(name) for name in self._shapes.of_errors())


def find_errors_quickly(client: Any) -> None:
    """Let a client resolve errors without parsing every shape of its service."""
    model = client.meta.service_model
    shapes = model._service_description.get("shapes")
    if isinstance(shapes, Shapes):
        # The place of a property of botocore's that is worked out once.
        vars(model)["error_shapes"] = _Errors(model, shapes)
