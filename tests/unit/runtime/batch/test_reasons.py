"""A reason is one line of limited length that keeps the beginning and the end of an error."""

from functions.runtime.batch import reasons
from functions.runtime.core.errors import Permanent


def test_a_long_reason_is_cut_in_the_middle() -> None:
    """The key is at the beginning of a message, and the fault at its end."""
    text = reasons.of_error(Permanent(f"s3://bucket/{'k' * 2_000} is not CSV"))
    assert len(text) == reasons.LENGTH
    assert text.startswith("s3://bucket/kkk")
    assert text.endswith("k is not CSV")
    assert "…" in text


def test_a_short_reason_stays() -> None:
    """At the limit too."""
    assert reasons.of_error(Permanent("x" * reasons.LENGTH)) == "x" * reasons.LENGTH
