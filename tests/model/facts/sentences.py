"""The sentences of messages and docs that say what Pinecone or AWS never, only or cannot do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
WORDS: Final = re.compile(r"\b(?:never|only|cannot|can't)\b|\bno\b[^.;]*\bcan\b", re.IGNORECASE)
ABOUT: Final = re.compile(
    r"\b(?:Pinecone|AWS|KMS|IAM|CloudFormation|EC2|Route 53|STS|CloudTrail|Secrets Manager|Systems Manager|CMEK)\b"
)
_END: Final = re.compile(r"(?<=[.;!?])\s+|\n\s*\n|\n(?=\s*[|*#-])")
_SKIPPED: Final = re.compile(r"<!-- begin .*?<!-- end [^>]*-->|^```.*?^```", re.DOTALL | re.MULTILINE)
"""Blocks that are generated, from what is looked at as code; and what commands print."""


def claims_in(text: str) -> Iterator[str]:
    """Yield the sentences of a text that claim such a thing, their white space made one space."""
    for sentence in _END.split(text):
        plain = " ".join(sentence.split())
        if WORDS.search(plain) and ABOUT.search(plain):
            yield plain


def texts_of(source: str) -> Iterator[str]:
    """Yield the string literals of a Python source, without its docstrings; ``{}`` stands for what is filled in."""
    tree = ast.parse(source)
    taken: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            taken.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            taken |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in taken:
            yield node.value


def claims() -> Iterator[tuple[str, str]]:
    """Yield every such sentence with its file: messages of the package, README and docs."""
    for path in sorted((ROOT / "pinekeep").rglob("*.py")):
        if path.name != "claims.py":
            for text in texts_of(path.read_text(encoding="utf-8")):
                yield from ((str(path.relative_to(ROOT)), each) for each in claims_in(text))
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = _SKIPPED.sub("", path.read_text(encoding="utf-8"))
        yield from ((str(path.relative_to(ROOT)), each) for each in claims_in(text))
