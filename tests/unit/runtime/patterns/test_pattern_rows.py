"""Patterns, events and EventBridge's answers, one row each; decision 20 lists the sources."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from functions.runtime.patterns.pattern import PatternError, check, matches, mismatch

ROWS: Final = [json.loads(line) for line in (Path(__file__).parent / "patterns.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["kind"])
def test_a_pattern_is_validated_and_matched_as_eventbridge_does(row: dict[str, Any]) -> None:
    """`check`, `matches` and `mismatch` all agree with EventBridge."""
    pattern, event = row["pattern"], row["event"]
    if not row["accepted"]:
        with pytest.raises(PatternError):
            check(pattern)
        return
    check(pattern)
    assert matches(pattern, event) is row["matches"]
    assert (mismatch(pattern, event) is None) is row["matches"]
