"""HTML documents with their style inline, no script, and nothing fetched."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.operations.presentation.markup import Html, element

_STYLE: Final = Path(__file__).with_name("page.css")
_DOCTYPE: Final = Html("<!DOCTYPE html>\n")
_MODE: Final = 0o600
"""A report names users and accounts: it is its owner's alone."""


def document(title: str, parts: Sequence[Html], *, footer: str, style: str = "") -> str:
    """Return an HTML document. ``parts``: its content, without empty ones; ``style``: rules besides the common ones."""
    rules = "\n" + _STYLE.read_text(encoding="utf-8") + style
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(rules)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex"),
        element("title", title),
        # The style is the program's own text. Escaping would change it, and the hash of the policy with it.
        element("style", Html(rules)),
    )
    body = element("body", element("main", *(each for each in parts if each)), element("footer", footer))
    return _DOCTYPE + element("html", head, body, lang="en") + "\n"


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def write_page(path: Path, text: str) -> None:
    """Write a page to a file, whole or not at all.

    Raises WrongInputError if it cannot be written, or the file exists and is no page.
    """
    made = None
    try:
        _require_page(path)
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            made = Path(file.name)
            file.write(text)
        made.chmod(_MODE)
        made.replace(path)
    except OSError as error:
        raise WrongInputError(
            f"--out: {path} cannot be written: {error.strerror or error}", hint="give a file in an existing folder"
        ) from None
    finally:
        if made is not None:
            made.unlink(missing_ok=True)


def _require_page(path: Path) -> None:
    """Refuse a file that is no page: it may be one of the audit logs that were read."""
    if path.exists():
        with path.open("rb") as file:
            if file.read(len(_DOCTYPE)) not in (_DOCTYPE.encode(), b""):
                raise WrongInputError(
                    f"--out: {path} exists and is no report", hint="give another file, or delete this one"
                )
