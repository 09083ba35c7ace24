"""A new customer, from `customer.created`. The contract guarantees the fields and their types.

Error messages never quote a value: the values are personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from functions.runtime.core.errors import MalformedError

LAST_DAY: Final = date(9999, 1, 1)  # `date` ends with that year, and the checklist needs later days


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer and the day they became one; `company` is None for a person, `newsletter` is their consent to it.

    Some systems send neither `name` nor `email`, or send blanks for them.
    """

    id: str
    name: str | None
    email: str | None
    since: date
    company: str | None
    newsletter: bool

    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read the event's data; MalformedError names the malformed field, never its value."""
        if subject != f"customer/{data['id']}":
            raise MalformedError("the subject", "is not customer/<data.id>")
        return cls(
            id=data["id"],
            name=_optional(data, "name"),
            email=_optional(data, "email"),
            since=_day(data["created_at"]),
            company=_optional(data, "company"),
            newsletter=data.get("newsletter") is True,
        )


def _optional(data: Mapping[str, Any], name: str) -> str | None:
    value: str = data.get(name) or ""
    return value if value.strip() else None


def _day(text: str) -> date:
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        fault = "is not an ISO 8601 time such as 2026-11-12T08:30:00+01:00"
        raise MalformedError("data.created_at", fault) from None  # the cause would quote the value
    if day > LAST_DAY:
        raise MalformedError("data.created_at", f"is after {LAST_DAY}, the last supported day")
    return day
