"""Reads a table of TOML into a dataclass: its fields are the keys, their types and bounds the rules."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from functions.runtime.core.suggestions import did_you_mean, nearest
from infra.declarations.spec import Resource, SpecError

type Table = Mapping[str, Any]

CALLED: Final = {bool: "true or false", int: "a whole number"}  # what else a value may be is a text


def read[T](kind: type[T], keys: Table, path: str = "", /, **given: object) -> T:
    """Return a table's keys as a `kind`; SpecError names the key (dotted, below `path`) and what is wrong with it.

    `given` are fields that are no keys: their values come from elsewhere.
    """
    known = {field.name: field for field in fields(kind) if field.name not in given}  # type: ignore[arg-type] # every kind is a dataclass
    for key in keys:
        if key not in known:
            raise SpecError(_unknown(key, known, path))
    hints = get_type_hints(kind)
    values = dict(given)
    for name, field in known.items():
        where = f"{path}.{name}" if path else name
        if name in keys:
            values[name] = _value(hints[name], keys[name], where)
            _check_bounds(field, values[name], where)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise SpecError(f"{where} is missing")
    return kind(**values)


def table(value: object, where: str) -> Table:
    """Return a value that must be a table; SpecError names where it stands."""
    return _typed(dict, value, where, "a table")


def _unknown(key: str, known: Mapping[str, Any], path: str) -> str:
    table = f" in [{path}]" if path else ""
    return f"unknown key '{key}'{table}{did_you_mean(key, known)}"


def _value(hint: Any, value: object, where: str) -> Any:  # noqa: ANN401 - the type is the hint's
    if isinstance(hint, UnionType):  # `Kind | None`, where None is what a table that is left out becomes
        hint = get_args(hint)[0]
    if isinstance(hint, type) and is_dataclass(hint) and hint is not Resource:
        return read(hint, table(value, where), where)
    if get_origin(hint) is tuple:
        item, _ = get_args(hint)
        if is_dataclass(item) and item is not Resource:
            listed: list[object] = _typed(list, value, where, "a list")
            return tuple(_value(item, each, f"{where}[{number}]") for number, each in enumerate(listed))
        return tuple(_item(item, each, where) for each in _typed(list, value, where, "a list"))
    if get_origin(hint) is Mapping:
        given, item = table(value, where), get_args(hint)[1]
        if item is Any:
            return given
        one = _item if item is Resource else _value
        return {name: one(item, each, f"{where}.{name}") for name, each in given.items()}
    return _typed(hint, value, where, CALLED.get(hint, "a text"))


def _item(hint: Any, value: object, where: str) -> Any:  # noqa: ANN401 - the type is the hint's
    text = _typed(str, value, where, "a text")
    if hint is not Resource:
        return text
    try:
        return Resource.parse(text)
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from error


def _typed[T](kind: type[T], value: object, where: str, wanted: str) -> T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise SpecError(f"{where} must be {wanted}, not {value!r}")
    if value == "":
        raise SpecError(f"{where} is empty")
    return value


def _check_bounds(field: Field[Any], value: object, where: str) -> None:
    for each in value if isinstance(value, tuple) and "kinds" in field.metadata else ():
        if each.kind not in field.metadata["kinds"]:
            raise SpecError(f"{where}: '{each}' is a {each.kind}; it takes {' and '.join(field.metadata['kinds'])}")
    choices = field.metadata.get("one_of", (value,))
    if value not in choices:
        raise SpecError(f"{where} is '{value}'; it must be one of {', '.join(choices)}{nearest(str(value), choices)}")
    if "least" not in field.metadata or not isinstance(value, int):
        return
    least, most, also = (field.metadata[name] for name in ("least", "most", "also"))
    if not least <= value <= most and value != also:
        otherwise = "" if also is None else f", or be {also}"
        raise SpecError(f"{where} is {value}; it must lie between {least} and {most}{otherwise}")
