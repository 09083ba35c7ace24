"""A new customer, as `customer.created` tells of them. No message here repeats a value: they are personal data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

# As many characters as fit a file name and a log, and no @: an e-mail address is no id.
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

LAST_DAY: Final = date(9999, 1, 1)  # `date` ends with that year, and what is to be done has days after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who is a customer since which day; `company` is None for a person, `newsletter` is their consent to it.

    Some systems know neither `name` nor `email` when they tell of a customer, or have blanks for them.
    """

    id: str
    name: str | None
    email: str | None
    since: date
    company: str | None
    newsletter: bool

    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read the event's data; ValueError names the field that breaks the contract, never its value."""
        customer = cls(
            id=_text(data, "id"),
            name=_optional(data, "name"),
            email=_optional(data, "email"),
            since=_day(data, "created_at"),
            company=_optional(data, "company"),
            newsletter=data.get("newsletter") is True,
        )
        if not ID.fullmatch(customer.id):
            raise ValueError("id must be 1 to 64 letters, digits, '_' or '-'")
        if subject != f"customer/{customer.id}":
            raise ValueError("the subject is not customer/<id>")
        if customer.email and "@" not in customer.email:
            raise ValueError("email is no address")
        return customer


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is missing, empty or not a text")
    return value


def _optional(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    blank = value is None or (isinstance(value, str) and not value.strip())
    return None if blank else _text(data, name)


def _day(data: Mapping[str, Any], name: str) -> date:
    try:
        day = datetime.fromisoformat(_text(data, name)).date()
    except ValueError:
        raise ValueError(
            f"{name} is not an ISO 8601 time such as 2026-11-12T08:30:00+01:00"
        ) from None  # what was raised repeats the value
    if day > LAST_DAY:
        raise ValueError(f"{name} is after {LAST_DAY}: no later day can be computed from it")
    return day
