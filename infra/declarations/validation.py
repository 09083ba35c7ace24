"""Reads a TOML table into a dataclass: its fields are the keys, and their types and FieldRules are checked."""

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Final, cast, get_args, get_origin, get_type_hints

from functions.runtime.core.suggestions import did_you_mean, nearest
from functions.runtime.patterns.values import show
from infra.declarations.field_rules import FieldRules, SpecError, is_required, rules_of
from infra.declarations.naming import SNAKE_CASE
from infra.declarations.resource_names import Resource

type Table = Mapping[str, Any]

CALLED: Final = {bool: "true or false", int: "a whole number", float: "a number"}  # all other scalars are texts


def read[T](kind: type[T], keys: Table, path: str = "", /, **given: object) -> T:
    """Return a table as a `kind`; SpecError names the dotted key (below `path`) and the fault.

    `given` are fields that are not keys: the caller knows their values.
    """
    known = {name: field for name, field in keys_of(kind).items() if name not in given}
    for key in keys:
        if key not in known:
            raise SpecError(_unknown(key, known, path))
    hints = get_type_hints(kind)
    values = dict(given)
    for name, field in known.items():
        where = f"{path}.{name}" if path else name
        if name in keys:
            values[name] = _value(hints[name], keys[name], where, rules_of(field))
        elif is_required(field):
            raise SpecError(f"{where} is missing")
    return kind(**values)


def keys_of(kind: type) -> dict[str, Field[Any]]:
    """Return the fields of a dataclass that are keys, by name."""
    return {field.name: field for field in fields(kind) if rules_of(field).is_key}


def table(value: object, where: str) -> Table:
    """Return a value that must be a table; SpecError names its key."""
    return _typed(dict, value, where, "a table")


def without_none(hint: Any) -> Any:  # noqa: ANN401 - a type
    """Return `Kind` for `Kind | None`, the type of an optional key."""
    if isinstance(hint, UnionType):
        (hint,) = (each for each in get_args(hint) if each is not NoneType)
    return hint


def is_table(hint: Any) -> bool:  # noqa: ANN401 - a type
    """Return whether a key of a type is a table; a resource is a text."""
    return isinstance(hint, type) and is_dataclass(hint) and hint is not Resource


def _unknown(key: str, known: Mapping[str, Any], path: str) -> str:
    table = f" in [{path}]" if path else ""
    return f"unknown key '{key}'{table}{did_you_mean(key, known)}"


def _value(hint: Any, value: object, where: str, rules: FieldRules) -> Any:  # noqa: ANN401 - the type is the hint's
    hint = without_none(hint)
    if is_table(hint):
        return read(hint, table(value, where), where)
    if get_origin(hint) is tuple:
        return _list(get_args(hint)[0], value, where, rules)
    if get_origin(hint) is Mapping:
        return _named(get_args(hint)[1], table(value, where), where, rules)
    if hint is Resource:
        return _resource(_typed(str, value, where, "a text"), where, rules)
    found: object = _typed(hint, value, where, CALLED.get(hint, "a text"))
    _check_text(found, where, rules)
    _check_choice(found, where, rules)
    _check_range(found, where, rules)
    return found


def _list(item: Any, value: object, where: str, rules: FieldRules) -> tuple[Any, ...]:  # noqa: ANN401 - a type
    listed: list[object] = _typed(list, value, where, "a list")
    if len(listed) < rules.min_items:
        form = f", which {rules.text.form}" if rules.text else ""
        raise SpecError(f"{where} is empty; it needs at least one entry{form}")
    numbered = is_table(item)
    found = tuple(
        _value(item, each, f"{where}[{number}]" if numbered else where, rules) for number, each in enumerate(listed)
    )
    twice = next((each for number, each in enumerate(found) if each in found[:number]), None)
    if rules.unique_items and twice is not None:
        raise SpecError(f"{where}: '{twice}' is listed twice")
    return found


def _named(item: Any, given: Table, where: str, rules: FieldRules) -> Table:  # noqa: ANN401 - a type
    for name in given:
        if rules.names and not SNAKE_CASE.fullmatch(name):
            raise SpecError(f"{where}.{name}: the name of a {rules.names} must be snake_case")
    if item is Any:
        return given
    return {name: _value(item, each, f"{where}.{name}", rules) for name, each in given.items()}


def _resource(text: str, where: str, rules: FieldRules) -> Resource:
    try:
        resource = Resource.parse(text)
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from error
    if rules.kinds and resource.kind not in rules.kinds:
        raise SpecError(f"{where}: '{resource}' is a {resource.kind}; this key accepts {' and '.join(rules.kinds)}")
    return resource


def _typed[T](kind: type[T], value: object, where: str, wanted: str) -> T:
    if kind is float and type(value) is int:  # TOML's 1 is a number too
        return cast("T", float(value))
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise SpecError(f"{where} must be {wanted}, not {show(value)}")
    if value == "":
        raise SpecError(f"{where} is empty")
    return value


def _check_text(value: object, where: str, rules: FieldRules) -> None:
    fault = rules.text.fault(value) if rules.text and isinstance(value, str) else ""
    if fault:
        raise SpecError(f"{where}: {fault}")


def _check_choice(value: object, where: str, rules: FieldRules) -> None:
    if rules.choices and value not in rules.choices:
        choices = ", ".join(rules.choices)
        raise SpecError(f"{where} is '{value}'; it must be one of {choices}{nearest(str(value), rules.choices)}")


def _check_range(value: object, where: str, rules: FieldRules) -> None:
    if rules.minimum is None or rules.maximum is None or not isinstance(value, int | float):
        return
    if not rules.minimum <= value <= rules.maximum and value != rules.also:
        otherwise = "" if rules.also is None else f", or {rules.also}"
        raise SpecError(f"{where} is {value}; it must be between {rules.minimum} and {rules.maximum}{otherwise}")
