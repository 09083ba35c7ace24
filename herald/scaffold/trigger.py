"""The trigger of a new function: its declaration and its files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from functions.runtime.core.text import cut
from herald.scaffold.new_files import Files
from herald.scaffold.sample_fields import Field

SHOWN: Final = 60  # characters of a prefix or a topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """The declaration of a trigger and its files.

    `kind` is the folder of the templates. `described` is the description of the function. `lines` and `samples` form
    its [trigger], and `access` its grants. `title` is the type of the event, and `fields` the data that the function
    reads. `send` is the command that invokes it, or None if an object must be written first. `note` is a step that AWS
    needs before the function works, or "".
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
