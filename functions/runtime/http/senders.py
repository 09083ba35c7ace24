"""What each sender of signed requests may say, as [trigger.http.senders] of function.toml declares it.

All senders of one function share the `source` of its events, so their keys must not be worth the same: an event type, a
reserved subject and a name in `data.system` belong to the senders that the declaration gives them to.
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
    """The event types that a sender's requests may become, and the subjects that no other sender may name."""

    types: tuple[str, ...]
    subjects: tuple[str, ...]

    def reserves(self, subject: str) -> bool:
        """Judge whether a subject is one of those that it has for itself."""
        return any(subject.startswith(each[:-1]) if each.endswith("*") else subject == each for each in self.subjects)


def check(name: str, event_type: str, subject: str, data: Mapping[str, Any]) -> None:
    """Refuse with 422 an event that the sender of that name may not cause; the sentence repeats nothing of it.

    SettingsError when the declaration has no such sender.
    """
    known = declared()
    if name not in known:
        raise SettingsError(f"trigger.http.senders of function.toml has no '{name}'")
    if event_type not in known[name].types:
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"'{name}' may cause {' and '.join(known[name].types) or 'no event'}, and no other type",
        )
    system = _folded(data.get("system"))
    for other, sender in known.items():
        if other == name:
            continue
        if sender.reserves(subject):
            raise Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' may not name this subject: it is one of '{other}'"
            )
        if system == _folded(other):
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' may not say that the system is '{other}'")


def _folded(value: object) -> str | None:
    """Return a name as people read it: "Stripe " and "STRIPE" are stripe."""
    return unicodedata.normalize("NFKC", value).casefold().strip() if isinstance(value, str) else None


@cache
def declared() -> dict[str, Sender]:
    """Return the senders of this function, by name."""
    said = json.loads(variable(variables.SENDERS))
    return {name: Sender(types=tuple(each["types"]), subjects=tuple(each["subjects"])) for name, each in said.items()}
