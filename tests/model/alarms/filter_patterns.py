"""A reader of JSON filter patterns of CloudWatch Logs, written from their documentation, apart from what makes them.

Only what is documented and used: ``=`` on strings with ``*`` at any place, ``&&``, ``||``, parentheses, and array
indexes. Whatever else stands in a pattern is an error, so that a pattern which CloudWatch could not read fails.
"""

import json
import re
from typing import Any

_TOKEN = re.compile(r'\s*(?:(?P<path>\$(?:\.[A-Za-z]+|\[\d+\])+)|(?P<text>"[^"\\]*")|(?P<sign>&&|\|\||=|[(){}]))')


def _tokens(pattern: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(pattern.rstrip()):
        token = _TOKEN.match(pattern, at)
        assert token, f"no such thing in a filter pattern: {pattern[at:]}"
        found.append(token[0].strip())
        at = token.end()
    return found


def _value(path: str, event: Any) -> Any:
    for step in re.findall(r"[A-Za-z]+|\[\d+\]", path):
        try:
            event = event[int(step[1:-1])] if step.startswith("[") else event[step]
        except (KeyError, IndexError, TypeError):
            return None
    return event


class _Reader:
    def __init__(self, pattern: str, event: Any) -> None:
        self._tokens = _tokens(pattern)
        self._event = event

    def take(self, *wanted: str) -> str:
        token = self._tokens.pop(0)
        assert not wanted or token in wanted, f"expected {wanted}, got {token}"
        return token

    def whole(self) -> bool:
        self.take("{")
        result = self.any_of()
        self.take("}")
        assert not self._tokens
        return result

    def any_of(self) -> bool:
        result = self.all_of()
        while self._tokens[0] == "||":
            self.take()
            result = self.all_of() or result
        return result

    def all_of(self) -> bool:
        result = self.one()
        while self._tokens[0] == "&&":
            self.take()
            result = self.one() and result
        return result

    def one(self) -> bool:
        if self._tokens[0] == "(":
            self.take("(")
            result = self.any_of()
            self.take(")")
            return result
        path = self.take()
        self.take("=")
        wanted = json.loads(self.take())
        found = _value(path, self._event)
        pattern = ".*".join(map(re.escape, wanted.split("*")))
        return isinstance(found, str) and re.fullmatch(pattern, found, re.DOTALL) is not None


def matches(pattern: str, event: Any) -> bool:
    """Tell whether an event matches a pattern. Fails on a pattern that is not of the documented syntax."""
    return _Reader(pattern, event).whole()
