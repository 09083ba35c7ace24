"""The ledger is throttled, or answers only in part."""

from collections import Counter

import pytest

from tests.stage import Stage, on, throttled
from tests.unit.runtime.batch.emitter import Emitter, both, effects, event


@both
@pytest.mark.parametrize("call", ["statements", "get"])
def test_the_ledger_throttled(stage: Stage, emitter: Emitter, call: str) -> None:
    """A run that is not claimed does not start; when DynamoDB responds again, all runs do."""
    stage.fail = on(call, "before", throttled(), times=6)
    stage.send(*(event(number) for number in range(10)))
    stage.deliver()
    for name, handled in emitter.handled.items():
        assert handled == 1, name
    stage.drain()
    assert Counter(stage.decisions()) == {"processed": 10}
    assert len(effects(stage)) == 10


@both
def test_the_ledger_answers_half_of_the_statements(stage: Stage, emitter: Emitter) -> None:
    """Unanswered statements are sent again; if they stay unanswered, the messages stay in the queue."""
    stage.reply = lambda answers: answers[: len(answers) // 2]
    stage.send(*(event(number) for number in range(10)))
    assert len(stage.deliver()) > 0
    assert not [row for row in stage.rows() if row["decision"] == "processed" and not emitter.handled[row["pk"]]]
    stage.reply = lambda answers: answers
    stage.drain()
    assert Counter(stage.decisions()) == {"processed": 10}
    assert len(effects(stage)) == 10
