"""Checks of the props of a construct. The rules of values are those of the configuration file."""

import re
from collections.abc import Callable
from typing import Any, Final, NoReturn, get_args, get_origin

from aws_cdk import Stack, Token
from constructs import Construct

from pinekeep.errors import WrongInputError
from pinekeep.model.values import InvalidValueError, require
from pinekeep.model.values.accounts import Region, require_partition
from pinekeep.model.words import shown

_FILE_SETTING: Final = re.compile(r"\b([a-z_]+): (true|all|account-root)\b")
"""A setting as the configuration file has it, in a sentence."""
_TYPES: Final = {
    str: ("a string", "put the value in quotes"),
    int: ("a whole number", "write the number without quotes"),
    list: ("a list", "put the value in brackets, a single one too"),
}


class PropError(WrongInputError):
    """An invalid prop. The hint is also a note, which Python prints below the message.

    ``code`` is the problem's name, as in the problems of a configuration file; None for a rule of constructs alone.
    """

    def __init__(self, message: str, *, hint: str | None, code: str | None) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        if hint:
            self.add_note(f"hint: {hint}")


def is_token(value: object) -> bool:
    """Tell whether a value is known only at deployment, or only when the whole app is synthesized.

    The CDK's own function asks Node each time; the policies of a thousand customers take thousands of values.
    """
    match value:
        case str():
            return "${Token[" in value
        case [str() as only]:
            return "#{Token[" in only
        case int() | list() | tuple():
            return False
        case _:
            return Token.is_unresolved(value)


class Props:
    """The props of one construct, checked before anything is added to the tree. Tokens are not checked.

    Raises PropError, which names construct and prop, if the scope has a child of this ID, or the stack is in a
    partition without Pinecone.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        self._path = f"{scope.node.path}/{construct_id}".lstrip("/")
        if scope.node.try_find_child(construct_id) is not None:
            self.refuse(
                f"{scope.node.path} has a construct with the ID {construct_id!r} already",
                "give this one another ID; the IDs of constructs go into the logical IDs of their resources",
            )
        self.stack = Stack.of(scope)
        self._name = self.stack.node.path
        self.is_region_known = not is_token(self.stack.region)
        self.is_account_known = not is_token(self.stack.account)
        if self.is_region_known:
            self.check("env", lambda: require_partition(self.stack.region))

    def require(self, **values: tuple[Any, Any]) -> None:
        """Refuse values, each with its kind of :mod:`pinekeep.model.values`, that are invalid. None and tokens pass."""
        for prop, (kind, value) in values.items():
            if value is None or is_token(value):
                continue
            base = get_args(kind)[0]
            if get_origin(base) is list:
                self._require_items(prop, kind, get_args(base)[0], value)
            else:
                self._require_type(prop, base, value)
                self.check(prop, lambda kind=kind, value=value: require(kind, value))

    def require_given(self, **values: Any) -> None:
        """Refuse None for props that have no default."""
        for prop, value in values.items():
            if value is None:
                self.refuse(f"{prop}: a value is needed, got None", f"give {prop}")

    def check(self, prop: str, function: Callable[[], object]) -> None:
        """Call a check, and refuse in the name of a prop what it refuses."""
        try:
            function()
        except InvalidValueError as error:
            self.require_none(prop, error)

    def require_none(self, prop: str, error: InvalidValueError | None) -> None:
        """Refuse a prop with the error of a rule, if there is one."""
        if error is not None:
            self.refuse(f"{prop}: {_as_python(error.message)}", error.hint and _as_python(error.hint), code=error.code)

    def require_pinecone_region(self) -> None:
        """Refuse a stack whose Region is known and has no Pinecone."""
        if self.is_region_known:
            self.require(env=(Region, self.stack.region))

    def region(self, given: str | None, *, instead: str) -> str:
        """Return the Region that a value depends on, given or the stack's. ``instead``: a prop for the value itself."""
        region = self.stack.region if given is None else given
        if is_token(region):
            what = instead.replace("_", " ")
            self.refuse(
                f"the Region of stack {self._name} is not known at synthesis, and Pinecone's {what} differs by Region",
                f'give region="us-east-1" (the Region that you deploy to), or {instead}, or give the stack '
                'env=Environment(region="us-east-1")',
            )
        self.require(**{"env" if given is None else "region": (Region, region)})
        return region

    def require_own_region(self, prop: str, region: str) -> None:
        """Refuse a Region that is not the stack's, where that is known."""
        if self.is_region_known and region != self.stack.region:
            self.refuse(
                f"{prop}: {region} is not the Region of stack {self._name}, which is {self.stack.region}",
                f"leave {prop} out, or add the construct to a stack of that Region",
            )

    def claim(self, prop: str, value: str, *, why: str, hint: str) -> None:
        """Refuse a value that another construct of the stack has. ``why`` (AWS has one of what) ends the sentence."""
        # An empty construct makes nothing in a template. Unlike an attribute, it is not lost with a Python object.
        marker = f"@pinekeep:{prop}:{re.sub(r'[^A-Za-z0-9_.:-]', '-', value)}"
        if self.stack.node.try_find_child(marker) is not None:
            self.refuse(f"{prop}: another construct of stack {self._name} has the same; {why}", hint)
        Construct(self.stack, marker)

    def refuse(self, message: str, hint: str | None = None, *, code: str | None = None) -> NoReturn:
        """Refuse the construct."""
        raise PropError(f"{self._path}: {message}", hint=hint, code=code) from None

    def _require_items(self, prop: str, kind: Any, item_kind: Any, values: Any) -> None:
        self._require_type(prop, list, list(values) if isinstance(values, tuple) else values)
        for value in values:
            self.require(**{prop: (item_kind, value)})
        for check in kind.__metadata__:
            self.check(prop, lambda check=check: check.function(values))

    def _require_type(self, prop: str, kind: type, value: Any) -> None:
        if not isinstance(value, kind) or isinstance(value, bool):
            name, hint = _TYPES[kind]
            given = shown(value) if isinstance(value, str) else str(value)
            self.refuse(f"{prop}: expected {name}, got {given}", hint)


def _as_python(text: str) -> str:
    """Return a sentence about the file's settings as one about props."""
    text = text.replace("or write the word none", "or give None")
    return _FILE_SETTING.sub(
        lambda found: f"{found[1]}=True" if found[2] == "true" else f'{found[1]}="{found[2]}"', text
    )
