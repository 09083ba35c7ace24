"""The dead letters of all functions, and the undelivered events, by function and error."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from herald.markup import Markup, tag, together
from herald.page.pieces import isolated, moment, some, table
from herald.page.shapes import Letter
from herald.page.ways import Ways, subject_link

HEADS: Final = ("Subject", "Since (UTC)", "Redriven", "Why", "Action")
ROWS: Final = 200  # of one group


def dead_letters(letters: Sequence[Letter], ways: Ways, now: int) -> Markup:
    """Return the dead letters in a table for each function and error, newest first."""
    if not letters:
        return tag("p", "No dead letters and no undelivered events.", class_="empty")
    grouped = groupby(sorted(letters, key=_group), key=_group)
    return together(*(_table(key, sorted(each, key=lambda one: -one["sent_at"]), ways, now) for key, each in grouped))


def _group(letter: Letter) -> tuple[str, str, str]:
    return letter["function"], letter["error"], letter["queue"]


def _table(key: tuple[str, str, str], letters: Sequence[Letter], ways: Ways, now: int) -> Markup:
    function, error, queue = key
    title = tag("h2", tag("span", function, class_="name"), ": ", isolated(error))
    action = ways.redrive(f"Redrive all of {function} with {error}", function=function, error=error)
    caption = f"{some(len(letters), 'dead letter')} in the queue of {queue}"
    if len(letters) > ROWS:
        caption += f"; the newest {ROWS:,}"
    rows = (_row(letter, ways, now) for letter in letters[:ROWS])
    return tag("section", title, tag("p", action, class_="actions"), table("letters", caption, HEADS, rows))


def _row(letter: Letter, ways: Ways, now: int) -> Iterator[str]:
    subject = letter["subject"]
    yield (subject_link(subject, ways) if subject else tag("span", "unknown", class_="soft"))
    yield moment(letter["sent_at"], now)
    yield some(letter["generation"], "time")
    yield isolated(letter["reason"])
    chosen = {"function": letter["function"], "error": letter["error"]}
    yield ways.redrive("Redrive", **chosen, subject=subject) if subject else "Use the button above."
