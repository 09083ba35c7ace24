"""The text in a box of the picture: its lines, and the size that they need in any font."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Self

from herald.texts import readable
from infra.declarations.naming import is_aws
from infra.flow.graph import Node

NAME_SIZE: Final = (7.9, 17.0)  # width and height of one character at 13 px; fixed-width fonts have 0.6 em
KIND_SIZE: Final = (6.4, 15.0)  # the same at 11 px: the mean of the widest proportional fonts in use
WIDE: Final = 0.7  # the extra width of a wide letter, relative to the mean
WIDE_LETTERS: Final = re.compile(r"[mwMW@%]")
PADDING: Final = (11.0, 8.0)
PIECES: Final = re.compile(r"[^_./\-: ]+(?:/\*$|[_./\-: ])?|[_./\-: ]")


@dataclass(frozen=True, slots=True)
class Label:
    """The lines with the name of a node, and those with its kind."""

    name: tuple[str, ...]
    kind: tuple[str, ...]

    @classmethod
    def of(cls, node: Node, owner: str, most: int) -> Self:
        """Return the label of a node, with at most `most` characters of its name per line; `owner` is for functions."""
        kinds, name = [str(node.kind)], node.name
        service, slash, rest = node.name.partition("/")
        match node.kind:
            case "function":
                kinds = ["function", owner]
            case "bucket":
                kinds, name = [service.replace(".", " ", 1)], rest
            case "table" | "topic" | "queue":
                name = node.name.partition(".")[2]
            case "source":
                kinds = ["beyond Herald"]
            case "event" if slash and is_aws(service):
                kinds, name = ["event", service], rest
        return cls(wrap(name, most), _kind(kinds, round(most * NAME_SIZE[0] / KIND_SIZE[0])))

    @property
    def size(self) -> tuple[float, float]:
        """The width and height that the label needs."""
        widths = [columns(line) * NAME_SIZE[0] for line in self.name]
        widths += [(columns(line) + WIDE * len(WIDE_LETTERS.findall(line))) * KIND_SIZE[0] for line in self.kind]
        height = len(self.name) * NAME_SIZE[1] + len(self.kind) * KIND_SIZE[1]
        return max(widths) + 2 * PADDING[0], height + 2 * PADDING[1]


def _kind(kinds: list[str], most: int) -> tuple[str, ...]:
    """Return the kind of a node on one line if it fits, else each part on separate lines."""
    together = " · ".join(kinds)
    if columns(together) <= most:
        return (readable(together),)
    return tuple(line for each in kinds for line in wrap(each, most))


def wrap(words: str, most: int) -> tuple[str, ...]:
    """Break a text into lines of at most `most` columns, after separators where possible; no character is lost."""
    lines = [""]
    for piece in PIECES.findall(readable(words)):
        if lines[-1] and columns(lines[-1] + piece) > most:
            lines.append("")
        for character in piece:
            if columns(lines[-1] + character) > most:
                lines.append("")
            lines[-1] += character
    return tuple(lines)


def columns(words: str) -> int:
    """Return the width of a text in a fixed-width font; some scripts need two columns per character."""
    return sum(1 + (unicodedata.east_asian_width(each) in {"W", "F"}) for each in words)
