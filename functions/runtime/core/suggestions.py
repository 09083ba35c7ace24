"""Suggestions for misspelled names in messages."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LISTED: Final = 12  # maximum number of names to list if no name is near


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown word: the nearest known name, else the list of known names."""
    names = sorted(known)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    there_are = f"; there are {', '.join(names[:LISTED])}{more}" if len(names) > 1 else f"; there is {''.join(names)}"
    return nearest(word, names) or (there_are if names else "")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown word: the nearest known name, or "" if no name is near."""
    near = get_close_matches(word, sorted(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""
