"""Renders the times of a run: when it started, when its last attempt was, and when the next one is."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from herald.terminal.times import ago, lasting, moment_of

type Times = Mapping[str, str | None]


def facts(times: Times, attempt: int, now: int) -> Iterator[tuple[str, str]]:
    """Yield a label and a text for each line; `now` is in ms since the epoch."""
    parts = [("event", "event"), ("started", "started")]
    parts += [("last_attempt", "last attempt")] if attempt > 1 else []
    known = [
        f"{label} {moment(text, now)}" for name, label in [*parts, ("settled", "settled")] if (text := times[name])
    ]
    if known:
        yield "when", ", ".join(known)
    if times["lease_until"]:
        yield "next", _lease(_ms(times["lease_until"]), now)
    if times["next_attempt_by"]:
        yield "next", _next(_ms(times["next_attempt_by"]), now)


def moment(text: str, now: int) -> str:
    """Return a time in ISO 8601 as UTC with its age: `2026-11-28 12:00:01 (3 min ago)`."""
    return f"{moment_of(_ms(text))} ({ago(_ms(text), now)})"


def _lease(until: int, now: int) -> str:
    if until > now:
        return f"the attempt has time until {moment_of(until)}; if it crashes, it is repeated after that"
    return f"the attempt ended without a result by {moment_of(until)} ({ago(until, now)}): the next one is due"


def _next(latest: int, now: int) -> str:
    """Return what is known about the next attempt: its delay is random, and the ledger has the range only."""
    if latest > now:
        return f"by {moment_of(latest)}, in at most {lasting(latest - now)} (the delay is random)"
    return f"was due by {moment_of(latest)} ({ago(latest, now)}): it waits in the queue, or it runs now"


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
