"""A configuration with invalid values, readable for rules about the valid ones: all errors are reported at once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NoReturn, TypeVar, get_args

from pydantic import BaseModel

from pinekeep.model.config.problems import Path

KEY_MARK: Final = "[key]"
"""The mark that pydantic adds to the path of an invalid name."""


class UnknownValueError(Exception):
    """A rule read a missing or invalid value, so it finds nothing."""


class _Unknown:
    """A missing or invalid value. It can be passed on; reading it raises UnknownValueError."""

    def __getattr__(self, name: str) -> "_Unknown":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def _look(self, *_: object) -> NoReturn:
        raise UnknownValueError

    __bool__ = __eq__ = __ne__ = __hash__ = __iter__ = __len__ = __contains__ = __getitem__ = _look
    __str__ = __format__ = __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __call__ = _look


UNKNOWN: Any = _Unknown()
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class Wrong:
    """The paths of invalid values; for an invalid name, the path with the mark after it."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.values = {path for path in paths if path[-1:] != (KEY_MARK,)}
        self._above = {path[:length] for path in self.values for length in range(len(path) + 1)}

    def __contains__(self, path: Path) -> bool:
        return path in self.values

    def below(self, path: Path) -> bool:
        """Whether the value itself or anything in it is invalid."""
        return path in self._above


def partial(model: type[M], data: Any, wrong: Wrong, path: Path = ()) -> M:
    """Return the model with the valid part of the data, which is at a path of the file; the rest is unknown."""
    if not isinstance(data, Mapping) or path in wrong:
        return UNKNOWN
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if name in data:
            values[name] = _value(field.annotation, data[name], wrong, (*path, name))
        elif field.is_required():
            values[name] = UNKNOWN
    return model.model_construct(**values)


def _value(annotation: Any, data: Any, wrong: Wrong, path: Path) -> Any:
    if path in wrong:
        return UNKNOWN
    models = list(models_in(annotation))
    if isinstance(data, Mapping):
        if is_dictionary(annotation):
            return {
                key: partial(models[0], value, wrong, (*path, key)) if models else _item(value, wrong, (*path, key))
                for key, value in data.items()
            }
        if models:
            nearest = max(models, key=lambda model: len(model.model_fields.keys() & data.keys()))
            return partial(nearest, data, wrong, path)
    if isinstance(data, list):
        if models:
            return [partial(models[0], item, wrong, (*path, index)) for index, item in enumerate(data)]
        return [_item(item, wrong, (*path, index)) for index, item in enumerate(data)]
    return _item(data, wrong, path)


def _item(value: Any, wrong: Wrong, path: Path) -> Any:
    return UNKNOWN if wrong.below(path) else value


def known(value: str) -> str:
    """Return the value, for code that does not accept unknown values; raise UnknownValueError where it is unknown."""
    if value is UNKNOWN:
        raise UnknownValueError
    return value


def known_items(values: list[T]) -> Iterator[tuple[int, T]]:
    """Yield the valid items of a list, each with its index."""
    return ((index, value) for index, value in enumerate(values) if value is not UNKNOWN)


def is_dictionary(annotation: Any) -> bool:
    """Whether a field's annotation is a dictionary."""
    return getattr(annotation, "__origin__", None) is dict


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models in a field's annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in models_in(each)]
