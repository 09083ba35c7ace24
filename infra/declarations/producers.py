"""Who else may put events on the bus `herald`: other accounts, each under sources of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from infra.declarations.spec import OWN, SpecError

ACCOUNT: Final = re.compile(r"\d{12}")
# No `*`, `?` or `${`, which a reader could take for more than the one text that StringEquals compares with.
SOURCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,255}")
RESERVED: Final = ("aws.", OWN)  # the services' sources, and the functions'


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """Another account, and the sources that are its own."""

    account: str
    sources: tuple[str, ...]


def check(producers: Sequence[Producer], where: str) -> None:
    """Raise SpecError for the first fault in a list of producers; it names the place, below `where`."""
    owners: dict[str, str] = {}
    for number, producer in enumerate(producers):
        for fault in _faults(producer, owners):
            raise SpecError(f"{where}[{number}].{fault}")


def _faults(producer: Producer, owners: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with a producer; `owners` collects the account of each source."""
    if not ACCOUNT.fullmatch(producer.account):
        yield f"account: '{producer.account}' is not the twelve digits of an account"
    if producer.account in owners.values():
        yield f"account: {producer.account} is listed twice: give it one list of sources"
    if not producer.sources:
        yield "sources is empty: name at least one"
    for source in producer.sources:
        if not SOURCE.fullmatch(source):
            yield f"sources: '{source}' must be one source, of letters, digits and . _ / -"
        if source.lower().startswith(RESERVED):
            others = " and ".join(RESERVED)
            yield f"sources: '{source}' is not an account's own: {others} are the services' and the functions'"
        owner = owners.setdefault(source, producer.account)
        if owner != producer.account:
            yield f"sources: '{source}' is {owner}'s already: a source has one account"
