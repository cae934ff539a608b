"""The user's cache folder. What it holds is deployed or run, so it is used only where nobody else can write."""

import os
import stat
from collections.abc import Callable
from pathlib import Path


def user_cache(name: str) -> Path | None:
    """Return a folder in Pinekeep's part of the user's cache, whether it exists or not; None without a home folder."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification has relative paths ignored.
    if not os.path.isabs(base):  # noqa: PTH117
        try:
            base = str(Path.home() / ".cache")
        except RuntimeError:
            return None
    return Path(base) / "pinekeep" / name


def is_private(found: os.stat_result, kind: Callable[[int], bool] = stat.S_ISDIR) -> bool:
    """Return whether a file of this kind belongs to the user, and nobody else can read or write it."""
    return kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
