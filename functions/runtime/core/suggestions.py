"""Suggestions for misspelled names."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from typing import Final

LISTED: Final = 12  # maximum names in a list without a suggestion
SEPARATORS: Final = re.compile(r"[._-]")
PART: Final = 0.5  # similarity by difflib of two parts, such as the words of a name in snake_case


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of an error message for an unknown name: the closest known name, or a list of all names."""
    names = sorted(known)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    there_are = f"; there are {', '.join(names[:LISTED])}{more}" if len(names) > 1 else f"; there is {''.join(names)}"
    return nearest(word, names) or (there_are if names else "")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of an error message for an unknown name: the closest known name, or an empty text."""
    near = get_close_matches(word, sorted(name for name in known if _alike(word, name)), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _alike(word: str, name: str) -> bool:
    """Return False if one part of a name is another word: 20_DAYS is not a typo of FIVE_DAYS."""
    parts, others = SEPARATORS.split(word), SEPARATORS.split(name)
    pairs = zip(parts, others, strict=False) if len(parts) == len(others) else ()
    return all(SequenceMatcher(None, one, other).ratio() >= PART for one, other in pairs)
