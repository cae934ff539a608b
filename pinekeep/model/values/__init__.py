"""The kinds of values that Pinekeep takes, each a type with its check: ``Annotated[str, Check(…)]``.

The configuration file uses them as the types of its settings; the CDK constructs call :func:`require` with the same
types. Importing them does not import pydantic.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, get_args

from pinekeep.model.words import shown

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class InvalidValueError(ValueError):
    """A value is refused. Its text is the message, and the hint on a line of its own.

    ``code``: the stable name of the problem. ``message``: the value given and what is allowed: a sentence without a
    full stop.
    """

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(f"{message}\n  hint: {hint}" if hint else message)
        self.code = code
        self.message = message
        self.hint = hint


def refuse(code: str, message: str, hint: str | None = None) -> NoReturn:
    """Refuse a value with :class:`InvalidValueError`."""
    raise InvalidValueError(code, message, hint)


def limit(value: str, code: str, what: str, hint: str, *, most: int, least: int = 0) -> None:
    """Refuse a text that is too long or too short."""
    if not least <= len(value) <= most:
        bounds = f"{least} to {most}" if least else f"at most {most}"
        refuse(code, f"{what} has {bounds} characters, got {len(value):,}", hint)


def require(kind: Any, value: T) -> T:
    """Return a value of this kind, for example ``require(accounts.Region, "us-east-1")``.

    ``kind``: a type of this package, or a list of one: ``Annotated[list[SubnetId], Items(…)]``. ``value``: the value.
    Tokens of the CDK are not for here: they have no value yet. Raises InvalidValueError if the value is not of this
    kind.
    """
    for item_kind in get_args(get_args(kind)[0]):
        for item in value if isinstance(value, Sequence) else ():
            require(item_kind, item)
    for check in kind.__metadata__:
        value = check.function(value)
    return value


def for_pydantic(check: Callable[[T], T]) -> Callable[[T], T]:
    """Return a check as pydantic calls it: the code is the error's type, message and hint are its context."""

    def validate(value: T) -> T:
        try:
            return check(value)
        except InvalidValueError as error:
            from pydantic_core import PydanticCustomError  # noqa: PLC0415 - constructs do without pydantic

            context = {"message": error.message, "hint": error.hint}
            raise PydanticCustomError(error.code, "{message}", context) from None  # pyrefly: ignore[bad-argument-type]

    return validate


class Check:
    """A check to annotate a type with.

    Args:
        function: returns the value, or raises :class:`InvalidValueError`.
        allowed: the allowed values in words, for the reference table.
        schema: keywords to add to the type's JSON Schema, so that an editor reports problems early.
    """

    def __init__(self, function: Callable[[Any], Any], *, allowed: str, **schema: Any) -> None:
        self.function = function
        self.allowed = allowed
        self.schema = schema

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core import core_schema  # noqa: PLC0415 - constructs do without pydantic

        return core_schema.no_info_after_validator_function(for_pydantic(self.function), handler(source))

    def __get_pydantic_json_schema__(self, schema: "CoreSchema", handler: "GetJsonSchemaHandler") -> "JsonSchemaValue":
        return {**handler(schema), **self.schema}


def matching(
    code: str, pattern: str, form: str, hint: str | Callable[[str], str], *, allowed: str, **schema: Any
) -> Check:
    """Return the check of a text that matches a regular expression.

    Args:
        code: the code of the error.
        pattern: the expression for the whole text, in the syntax that Python and JSON Schema share.
        form: the form of a valid text; the message adds the text that was given.
        hint: how to correct it; where that depends on the text, a function of the text.
        allowed: the allowed values in words, for the reference table.
        schema: further keywords for the JSON Schema.
    """

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            refuse(code, f"{form}, got {shown(value)}", hint if isinstance(hint, str) else hint(value))
        return value

    return Check(check, allowed=allowed, pattern=f"^{pattern}$", **schema)


@dataclass(frozen=True)
class Items:
    """The requirements of a list: distinct items, and a minimum number of them.

    pydantic does not run it: a rule of the file does, so that a list is checked even where one of its items is invalid.
    ``code``: the beginning of the problems' codes. ``least``: the minimum number of items.
    """

    code: str
    item: str
    least: int = 0

    def __get_pydantic_json_schema__(self, schema: "CoreSchema", handler: "GetJsonSchemaHandler") -> "JsonSchemaValue":
        return {**handler(schema), "uniqueItems": True, **({"minItems": self.least} if self.least else {})}

    def function(self, items: Sequence[str]) -> Sequence[str]:
        """Return a list that meets the requirements, or raise :class:`InvalidValueError`."""
        for error in (self.few(len(items)), *(error for _, error in self.repeated(enumerate(items)))):
            if error:
                raise error
        return items

    def few(self, count: int) -> InvalidValueError | None:
        """Return the error of a list of so many items, or None where they are enough."""
        if count >= self.least:
            return None
        one = self.least == 1
        message = f"at least {self.least} {self.item}{'' if one else 's'} needed, got {count}"
        return InvalidValueError(f"{self.code}-few", message, f"name {'one' if one else 'more'}")

    def repeated(self, items: Iterable[tuple[int, str]]) -> Iterator[tuple[int, InvalidValueError]]:
        """Yield the index of each item that is listed already, with the error."""
        for index, first, item in repeats(items):
            message = f"{item} is already listed, as item {first + 1}"
            yield index, InvalidValueError(f"{self.code}-twice", message, "keep one")


def repeats(items: Iterable[tuple[int, K]]) -> Iterator[tuple[int, int, K]]:
    """Yield the index of each item that occurred before, the index of the first one, and the item."""
    seen: dict[K, int] = {}
    for index, item in items:
        first = seen.setdefault(item, index)
        if first != index:
            yield index, first, item
