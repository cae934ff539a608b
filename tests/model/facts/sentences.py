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

NOT_CLAIMS: Final = {
    "what could not be found out, or failed": (
        "cannot be decided",
        "AWS cannot analyze this policy ({})",
        "AWS cannot tell{}",
        "the AWS configuration file {} cannot be read",
        "Pinecone cannot {}, because of what is there already{}",
        "Pinecone cannot {} as things are{}",
        "CloudFormation cannot make the change set of stack {}",
        "what CloudFormation finds out only while it works",
        "cannot be reached: the embedded AWS is stopped",
        "cannot be reached: the stand-in for Pinecone is stopped",
    ),
    "what Pinekeep or its embedded AWS does": (
        "keys in other accounts alone, which the embedded AWS cannot use",
        "The embedded AWS cannot import a stack into a stack set",
        "so AWS is asked for it only where there is no stack yet",
        "A deployment never lets Pinecone in again",
        "What Pinecone keeps for good is never written over there",
        "`--for handoff` is for somebody who only copies the values into the Pinecone console",
        "If you cut Pinecone off by disabling the key, no deployment can let it in again",
        "It is read from its secret, and used only after Pinecone has said",
        "so adding a zone never moves another one's subnet",
        "AWS's descriptions of its services are read once, and only what is used of them",
    ),
    "what people did, or are to do": (
        "Pinecone may change or delete the key, instead of only using it",
        "IAM roles and users that administer the key, and cannot use it",
        "that Pinecone never hears of",
        "which Pinecone never hears of",
        "If Pinecone was never given",
        "then import that one as if it were the only one",
        "Pinecone's access role of any Region, on behalf of any Pinecone customer | Never",
        "and what the role cannot stop (a grant, a principal that somebody wrote into the key policy)",
    ),
}
"""Parts of sentences with such words that claim nothing about Pinecone or AWS, by what they are about."""


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
