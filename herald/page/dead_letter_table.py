"""The dead letters of all functions, and the undelivered events, by function and error."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from herald.markup import Markup, tag, together
from herald.page.pieces import isolated, moment, some, table
from herald.page.shapes import DeadLetterAnswer
from herald.page.ways import Ways, subject_link

HEADS: Final = ("Subject", "Since (UTC)", "Redriven", "Why", "Action")
ROWS: Final = 200  # of one group


def dead_letters(dead_letters: Sequence[DeadLetterAnswer], ways: Ways, now: int) -> Markup:
    """Return the dead letters in a table for each function and error, newest first."""
    if not dead_letters:
        return tag("p", "No dead letters and no undelivered events.", class_="empty")
    grouped = groupby(sorted(dead_letters, key=_group), key=_group)
    return together(*(_table(key, sorted(each, key=lambda one: -one["sent_at"]), ways, now) for key, each in grouped))


def _group(dead_letter: DeadLetterAnswer) -> tuple[str, str, str]:
    return dead_letter["function"], dead_letter["error"], dead_letter["queue"]


def _table(key: tuple[str, str, str], dead_letters: Sequence[DeadLetterAnswer], ways: Ways, now: int) -> Markup:
    function, error, queue = key
    title = tag("h2", tag("span", function, class_="name"), ": ", isolated(error))
    action = ways.redrive(f"Redrive all of {function} with {error}", function=function, error=error)
    caption = f"{some(len(dead_letters), 'dead letter')} in the queue of {queue}"
    if len(dead_letters) > ROWS:
        caption += f"; the newest {ROWS:,}"
    rows = (_row(dead_letter, ways, now) for dead_letter in dead_letters[:ROWS])
    return tag("section", title, tag("p", action, class_="actions"), table("letters", caption, HEADS, rows))


def _row(dead_letter: DeadLetterAnswer, ways: Ways, now: int) -> Iterator[str]:
    subject = dead_letter["subject"]
    yield (subject_link(subject, ways) if subject else tag("span", "unknown", class_="soft"))
    yield moment(dead_letter["sent_at"], now)
    yield some(dead_letter["generation"], "time")
    yield isolated(dead_letter["reason"])
    chosen = {"function": dead_letter["function"], "error": dead_letter["error"]}
    yield ways.redrive("Redrive", **chosen, subject=subject) if subject else "Use the button above."
