"""Durations in test reports, in the number formats of different locales."""

import re
from dataclasses import dataclass, field
from typing import Final

LONGEST_SECONDS: Final = 1e9  # over 31 years: a mistake, not a duration
LONGEST_TEXT: Final = 64
# Spaces and apostrophes always group digits; they never separate a fraction.
# Source: Unicode CLDR, "Number Symbols": space, no-break, thin and narrow no-break space, ' and its typographic form.
NEUTRAL_GROUPS: Final = re.compile("[0-9]{1,3}(?:[ \u00a0\u2009\u202f'\u2019][0-9]{3})+(?:[.,][0-9]*)?")
NEUTRAL: Final = re.compile("[ \u00a0\u2009\u202f'\u2019]")
BELOW_ONE: Final = re.compile(r"0\.[0-9]{1,9}")  # the format of most times; it has a fast path
NUMBER: Final = re.compile(r"\+?([0-9.,]*[0-9][0-9.,]*)([eE][-+]?[0-9]{1,3})?")
# Groups have three digits. In Indian formats they have two digits, except for the last group.
GROUPED: Final = {
    mark: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{2,3}})*{re.escape(mark)}[0-9]{{3}}") for mark in ",."
}
AMBIGUOUS: Final = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
OTHER: Final = {",": ".", ".": ","}


@dataclass(slots=True, kw_only=True)
class NumberFormat:
    """The meaning of `.` and `,` in one report. One locale wrote all its times: `1,234.5`, `1.234,5` or `1 234,5`.

    `decimal` and `grouping` are the marks with a certain meaning. `ambiguous` are the marks of numbers such as
    `12,345`: they group digits if they are in `assumed`, otherwise they separate a fraction.
    """

    assumed: frozenset[str] = frozenset()
    decimal: set[str] = field(default_factory=set)
    grouping: set[str] = field(default_factory=set)
    ambiguous: set[str] = field(default_factory=set)

    def inferred(self) -> frozenset[str]:
        """Return the ambiguous marks that group digits, judged by all times that were read."""
        return frozenset(mark for mark in self.ambiguous if mark not in self.decimal and self._groups(mark))

    def _groups(self, mark: str) -> bool:
        if mark in self.grouping or OTHER[mark] in self.decimal:
            return True
        return mark == "," and "." in self.ambiguous  # JUnit's schemas require a decimal point

    def read(self, text: str) -> float | None:
        """Return the seconds of a text, None if it is not a duration."""
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
        """Return the digits with a decimal point and without groups; with `is_decimal` a mark cannot group digits."""
        mark = max(",.", key=mantissa.rfind)  # the last mark, if there is one
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
