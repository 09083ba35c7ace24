"""What is declared and written for one trigger of a new function, whatever its kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from functions.runtime.core.text import cut
from herald.scaffold.new_files import Files
from herald.scaffold.sample_fields import Field

SHOWN: Final = 60  # characters of a prefix or a topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What is declared and written for a trigger; `lines` stand in [trigger] beside `samples`.

    `kind` names the templates of its code, `described` says what the function does with it, `access` is what it needs
    for that. `note` is what people must do on AWS before it works. `title` is what such an event is called, `fields`
    what the function reads of its data, and `send` the command that makes it run, None where an object must be written
    first.
    """

    kind: str
    described: str
    lines: str
    samples: tuple[str, ...]
    send: str | None
    title: str = ""
    note: str = ""
    access: Mapping[str, list[str]] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    files: Files = field(default_factory=dict)


def shown(text: str) -> str:
    """Return a text as a description shows it, cut where it is long."""
    return cut(text, SHOWN)
