"""What the kinds of values share: how one is refused, and what the JSON Schema and the docs say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

if TYPE_CHECKING:  # pydantic.json_schema takes long to import, and reading a file needs none
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


def wrong(code: str, message: str, hint: str | None = None) -> NoReturn:
    """Refuse a value. The message and hint reach the user as they are."""
    raise PydanticCustomError(code, "{message}", {"message": message, "hint": hint})


class Check:
    """A check to annotate a type with.

    Args:
        function: takes the value and returns it, or refuses it through :func:`wrong`.
        allowed: what it lets through, in words, for the reference table.
        schema: keywords to add to the type's JSON Schema: what an editor can tell early.
    """

    def __init__(self, function: Callable[[Any], Any], *, allowed: str, **schema: Any) -> None:
        self.function = function
        self.allowed = allowed
        self.schema = schema

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.function, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: "GetJsonSchemaHandler") -> "JsonSchemaValue":
        return {**handler(schema), **self.schema}


@dataclass(frozen=True)
class Items:
    """What a list must be: items that differ, and enough of them.

    It only describes. A rule (``pinekeep.model.config.rules.lists``) does the checking, so that a list is looked at
    even where one of its items is wrong.

    Attributes:
        code: the beginning of the problems' codes.
        item: what one item is called in a message.
        least: how many there must be.
    """

    code: str
    item: str
    least: int = 0

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: "GetJsonSchemaHandler") -> "JsonSchemaValue":
        """Add what a JSON Schema can say of it."""
        return {**handler(schema), "uniqueItems": True, **({"minItems": self.least} if self.least else {})}
