"""Writes TOML for declarations: tables as dotted keys, one line each."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

BARE: Final = re.compile(r"[A-Za-z0-9_-]+")

type Value = str | float | Sequence[Value] | Mapping[str, Value]


def lines(table: Mapping[str, Value], path: str = "") -> Iterator[str]:
    """Yield the lines of a table; an array of tables has one line per table."""
    for name, value in table.items():
        key = f"{path}{_key(name)}"
        if isinstance(value, Mapping):
            yield from lines(value, f"{key}.")
        elif isinstance(value, list) and len(value) > 1 and all(isinstance(each, Mapping) for each in value):
            yield from (f"{key} = [", *(f"    {as_toml(each)}," for each in value), "]")
        else:
            yield f"{key} = {as_toml(value)}"


def as_toml(value: Value) -> str:
    """Return a value in TOML, which has no null."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(name)} = {as_toml(each)}' for name, each in value.items())} }}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(as_toml, value))}]"
    return json.dumps(value)


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else as_toml(name)
