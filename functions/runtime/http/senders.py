"""The permissions of each sender of signed requests, from [trigger.http.senders] of function.toml.

All senders of one function share the `source` of its events, so their keys must not give the same permissions. The
declaration assigns event types and reserved subjects to senders, and `data.system` may not name another sender.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from functions.runtime.core import variables
from functions.runtime.core.errors import SettingsError
from functions.runtime.core.settings import variable
from functions.runtime.http.request import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The event types that a sender may emit, and the subjects that no other sender may use."""

    types: tuple[str, ...]
    subjects: tuple[str, ...]

    def reserves(self, subject: str) -> bool:
        """Return whether a subject is reserved for the sender."""
        return any(subject.startswith(each[:-1]) if each.endswith("*") else subject == each for each in self.subjects)


def check(name: str, event_type: str, subject: str, data: Mapping[str, Any]) -> None:
    """Raise Refusal (422) for an event that the sender may not emit. The message quotes nothing of the event.

    SettingsError when the declaration does not have the sender.
    """
    known = declared()
    if name not in known:
        raise SettingsError(f"trigger.http.senders of function.toml has no '{name}'")
    if event_type not in known[name].types:
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"'{name}' may emit only {' and '.join(known[name].types) or 'no event'}",
        )
    system = _folded(data.get("system"))
    for other, sender in known.items():
        if other == name:
            continue
        if sender.reserves(subject):
            raise Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' may not use this subject: it is reserved for '{other}'"
            )
        if system == _folded(other):
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' may not set data.system to '{other}'")


def _folded(value: object) -> str | None:
    """Return a name without differences in case and spaces: "Stripe " and "STRIPE" are stripe."""
    return unicodedata.normalize("NFKC", value).casefold().strip() if isinstance(value, str) else None


@cache
def declared() -> dict[str, Sender]:
    """Return the senders of this function, by name."""
    said = json.loads(variable(variables.SENDERS))
    return {name: Sender(types=tuple(each["types"]), subjects=tuple(each["subjects"])) for name, each in said.items()}
