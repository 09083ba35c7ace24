"""Times of a report in seconds, in the number format of its writer's locale.

`0.32`, `1,234.5` and `1'234.5` have a decimal point; `0,32`, `1.234,5` and `1 234,5` have a decimal comma. `12,345` and
`12.345` can be either: the other times of the report decide.
"""

import re
from dataclasses import dataclass, field
from typing import Final

LONGEST_SECONDS: Final = 1e9  # over 31 years: a mistake, not a duration
LONGEST_TEXT: Final = 64
# Spaces and apostrophes group digits and never separate a fraction.
# Source: Unicode CLDR, "Number Symbols": space, no-break, thin and narrow no-break space, ' and its typographic form.
NEUTRAL_GROUPS: Final = re.compile("[0-9]{1,3}(?:[ \u00a0\u2009\u202f'\u2019][0-9]{3})+(?:[.,][0-9]*)?")
NEUTRAL: Final = re.compile("[ \u00a0\u2009\u202f'\u2019]")
BELOW_ONE: Final = re.compile(r"0\.[0-9]{1,9}")  # most times are: they are read without what follows
NUMBER: Final = re.compile(r"\+?([0-9.,]*[0-9][0-9.,]*)([eE][-+]?[0-9]{1,3})?")
# Groups have three digits; Indian ones have two, but for the last.
GROUPED: Final = {
    mark: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{2,3}})*{re.escape(mark)}[0-9]{{3}}") for mark in ",."
}
AMBIGUOUS: Final = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
OTHER: Final = {",": ".", ".": ","}


@dataclass(slots=True, kw_only=True)
class NumberFormat:
    """What `.` and `,` mean in the times of one report, as far as they show it.

    `decimal` and `grouping` are the marks that certainly separate a fraction or groups of digits, `ambiguous` those of
    numbers that can be read either way. These are read as grouped where their mark is in `assumed`, otherwise as
    decimal.
    """

    assumed: frozenset[str] = frozenset()
    decimal: set[str] = field(default_factory=set)
    grouping: set[str] = field(default_factory=set)
    ambiguous: set[str] = field(default_factory=set)

    def inferred(self) -> frozenset[str]:
        """Return the marks of ambiguous numbers that group digits, by all times that were read."""
        return frozenset(mark for mark in self.ambiguous if mark not in self.decimal and self._groups(mark))

    def _groups(self, mark: str) -> bool:
        if mark in self.grouping or OTHER[mark] in self.decimal:
            return True
        return mark == "," and "." in self.ambiguous  # JUnit's schemas want a point: where there is one, it is decimal

    def read(self, text: str) -> float | None:
        """Return the seconds that a text stands for, None where it is no duration."""
        text = text.strip()
        if BELOW_ONE.fullmatch(text):
            self.decimal.add(".")
            return float(text)
        if len(text) > LONGEST_TEXT:
            return None
        grouped = NEUTRAL_GROUPS.fullmatch(text) is not None
        number = NUMBER.fullmatch(NEUTRAL.sub("", text) if grouped else text)
        if number is None:
            return None
        mantissa, exponent = number[1], number[2] or ""
        plain = self._plain(mantissa, is_decimal=grouped or bool(exponent))
        seconds = None if plain is None else float(plain + exponent)
        return seconds if seconds is not None and seconds < LONGEST_SECONDS else None

    def _plain(self, mantissa: str, *, is_decimal: bool) -> str | None:
        """Return digits with a decimal point and no groups; `is_decimal` says that a mark cannot group them."""
        mark = max(",.", key=mantissa.rfind)  # the last one, if there is any
        whole, found, fraction = mantissa.rpartition(mark)
        if not found:
            return mantissa
        if OTHER[mark] in whole:
            return self._with_both(whole, fraction, mark)
        if mark in whole:
            if is_decimal or not GROUPED[mark].fullmatch(mantissa):
                return None
            self.grouping.add(mark)
            return mantissa.replace(mark, "")
        if is_decimal or not AMBIGUOUS.fullmatch(mantissa):
            self.decimal.add(mark)
            return f"{whole}.{fraction}"
        self.ambiguous.add(mark)
        return whole + fraction if mark in self.assumed else f"{whole}.{fraction}"

    def _with_both(self, whole: str, fraction: str, mark: str) -> str | None:
        other = OTHER[mark]
        if not GROUPED[other].fullmatch(whole):
            return None
        self.decimal.add(mark)
        self.grouping.add(other)
        return f"{whole.replace(other, '')}.{fraction}"
