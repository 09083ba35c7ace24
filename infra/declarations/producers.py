"""Producers: other AWS accounts that may put events on the bus `herald`, each with sources of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from infra.declarations.field_rules import SpecError
from infra.declarations.naming import AWS, OWN

ACCOUNT: Final = re.compile(r"\d{12}")
# The bus policy compares sources with StringEquals, so `*`, `?` and `${` would not be wildcards or variables.
SOURCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,255}")
RESERVED: Final = (AWS, OWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """An account and the sources that only this account may use."""

    account: str
    sources: tuple[str, ...]


def check(producers: Sequence[Producer], where: str) -> None:
    """Raise SpecError for the first fault in a list of producers; `where` is the key of the list."""
    owners: dict[str, str] = {}
    for number, producer in enumerate(producers):
        for fault in _faults(producer, owners):
            raise SpecError(f"{where}[{number}].{fault}")


def _faults(producer: Producer, owners: dict[str, str]) -> Iterator[str]:
    """Yield the faults of a producer; `owners` collects the account of each source."""
    if not ACCOUNT.fullmatch(producer.account):
        yield f"account: '{producer.account}' is not an account ID of twelve digits"
    if producer.account in owners.values():
        yield f"account: {producer.account} is listed twice; write all its sources in one list"
    if not producer.sources:
        yield "sources is empty; list at least one source"
    for source in producer.sources:
        if not SOURCE.fullmatch(source):
            yield f"sources: '{source}' must be one source of letters, digits and . _ / -"
        if source.lower().startswith(RESERVED):
            yield f"sources: '{source}' is reserved: {AWS} is for AWS services, and {OWN} is for functions"
        owner = owners.setdefault(source, producer.account)
        if owner != producer.account:
            yield f"sources: '{source}' already belongs to account {owner}"
