"""Selects the fields of an event's data that a new function reads: required by its contract, or in its pattern."""

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from functions.runtime.patterns.flat import OR

MOST: Final = 8  # a first version; other fields are read in the same way
OF_SCHEMA: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
# An integer in a sample may be a float in another event.
OF_SAMPLE: Final = {str: "str", int: "float", float: "float", bool: "bool"}
CAMEL_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
TAKEN: Final = frozenset({"subject", "read"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its name in Python, its path in the data, and its type."""

    name: str
    path: tuple[str, ...]
    kind: str

    @property
    def declared(self) -> str:
        """The line of the field in the dataclass."""
        return f"    {self.name}: {self.kind}"

    @property
    def read(self) -> str:
        """The argument that reads it."""
        return f"{self.name}=value(data, {'.'.join(self.path)!r}, {self.kind})"


def promised(schemas: Sequence[Mapping[str, Any]]) -> tuple[Field, ...]:
    """Return the plain fields that all versions of a contract require."""
    first, *others = map(_required, schemas)
    return _fields(((name,), kind) for name, kind in first.items() if all(each.get(name) == kind for each in others))


def _required(schema: Mapping[str, Any]) -> dict[str, str]:
    properties = schema.get("properties", {})
    kinds = {name: OF_SCHEMA.get(str(properties.get(name, {}).get("type"))) for name in schema.get("required", ())}
    return {name: kind for name, kind in kinds.items() if kind}


def asked_for(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the plain fields of the data that are in the pattern and in a matching event."""
    detail = event["detail"]
    in_data = "specversion" in detail
    below = pattern.get("detail", {})
    return _fields(_leaves(below.get("data", {}) if in_data else below, detail["data"] if in_data else detail, ()))


def _leaves(
    pattern: Mapping[str, Any], node: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, wanted in pattern.items():
        found = node.get(name)
        if isinstance(wanted, Mapping) and isinstance(found, Mapping):
            yield from _leaves(wanted, found, (*path, name))
        elif type(found) in OF_SAMPLE and name != OR:
            yield (*path, name), OF_SAMPLE[type(found)]


def _fields(found: Iterable[tuple[tuple[str, ...], str]]) -> tuple[Field, ...]:
    """Name the first few, each as Python would."""
    named: dict[str, Field] = {}
    for path, kind in found:
        name = re.sub(r"\W+", "_", "_".join(CAMEL_HUMP.sub("_", step) for step in path), flags=re.ASCII).lower()
        if (
            name.isidentifier()
            and "." not in "".join(path)
            and not keyword.iskeyword(name)
            and name not in {*TAKEN, *named}
            and len(named) < MOST
        ):
            named[name] = Field(name=name, path=path, kind=kind)
    return tuple(named.values())
