"""Quantities with units, which declarations write as texts: durations such as 5m, percentages such as 99.5 %."""

import re
from dataclasses import dataclass
from typing import Final

from functions.runtime.patterns.values import show
from infra.declarations.field_rules import TextRule

DURATION: Final = re.compile(r"([1-9][0-9]*)([smhd])")
PERCENTAGE: Final = re.compile(r"([0-9]{1,2}(\.[0-9]{1,2})?) ?%")
SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityRule(TextRule):
    """The form of a quantity, and its bounds, inclusive, as texts of the same form."""

    least: str
    most: str

    def fault(self, text: str) -> str:
        """Return why a text breaks the rule; "" if it does not."""
        wrong = TextRule.fault(self, text)
        if wrong or _value(self.least) <= _value(text) <= _value(self.most):
            return wrong
        return f"{show(text)} must be between {self.least} and {self.most}"


def duration(least: str, most: str) -> QuantityRule:
    """Return the rule of a duration between two durations."""
    form = "must be a whole number with one of the units s, m, h, d, such as 5m"
    return QuantityRule(pattern=DURATION, form=form, least=least, most=most)


def percentage(least: str, most: str) -> QuantityRule:
    """Return the rule of a percentage between two percentages."""
    form = "must be a percentage with at most two decimals, such as 99.5 %"
    return QuantityRule(pattern=PERCENTAGE, form=form, least=least, most=most)


def seconds(text: str) -> int:
    """Return the seconds of a duration; ValueError for another text."""
    found = DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{show(text)} is not a duration")
    return int(found[1]) * SECONDS[found[2]]


def percent(text: str) -> float:
    """Return the number of a percentage; ValueError for another text."""
    found = PERCENTAGE.fullmatch(text)
    if not found:
        raise ValueError(f"{show(text)} is not a percentage")
    return float(found[1])


def _value(text: str) -> float:
    return percent(text) if text.endswith("%") else seconds(text)
