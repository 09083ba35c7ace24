"""The rules of a declaration's keys, in the metadata of its dataclass fields.

Each rule is written once: validation.py enforces it, and schema.py writes it into the JSON Schema.
"""

import re
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field
from typing import Any, Final

from functions.runtime.patterns.values import show

RULES: Final = "rules"


class SpecError(ValueError):
    """An invalid declaration; the message names the file, the key and the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule:
    """The form and the maximum length of a text; `form` states both and completes a sentence: "'X' must …"."""

    form: str
    pattern: re.Pattern[str] | None = None
    max_length: int | None = None

    def fault(self, text: str) -> str:
        """Return why a text breaks the rule; "" if it does not."""
        if self.max_length is not None and len(text) > self.max_length:
            return f"{show(text)} {self.form}; it has {len(text)}"
        if self.pattern and not self.pattern.fullmatch(text):
            return f"{show(text)} {self.form}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """What a key accepts beyond its type.

    `minimum` and `maximum` are inclusive; `also` is one more number that is valid outside them. `text` applies to a
    text or to each text of a list; `kinds` are the kinds of resources that the key accepts. `names` says what the keys
    of a table of free names are, such as "setting"; each must be snake_case.
    """

    is_key: bool = True
    minimum: float | None = None
    maximum: float | None = None
    also: int | None = None
    choices: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    text: TextRule | None = None
    min_items: int = 0
    unique_items: bool = False
    names: str = ""


NO_RULES: Final = FieldRules()


def key(default: Any = MISSING, *, default_factory: Callable[[], Any] | None = None, **rules: Any) -> Any:  # noqa: ANN401 - as dataclasses.field, which it wraps
    """Declare a field with a default, which makes it optional, and the rules of FieldRules."""
    metadata = {RULES: FieldRules(**rules)}
    if default_factory:
        return field(default_factory=default_factory, metadata=metadata)
    return field(default=default, metadata=metadata)


def rules_of(declared: Field[Any]) -> FieldRules:
    """Return the rules of a field; a field without any accepts each value of its type."""
    rules: FieldRules = declared.metadata.get(RULES, NO_RULES)
    return rules


def is_required(declared: Field[Any]) -> bool:
    """Return whether a declaration must contain the key."""
    return declared.default is MISSING and declared.default_factory is MISSING
