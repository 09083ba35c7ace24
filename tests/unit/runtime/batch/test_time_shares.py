"""Each run has a share of the time of its invocation."""

import contextlib
import itertools
import threading
import time
from collections import Counter

from functions.runtime import Event
from tests.stage import Stage
from tests.unit.runtime.batch.emitter import Emitter, both, event


@both
def test_a_record_that_hangs_among_nine_good_ones(stage: Stage, emitter: Emitter) -> None:
    """It is interrupted after its share of the time and retried; the others are processed in the same invocation."""
    stage.left_ms = 2_000 + 1_000

    def hang(handled: Event) -> None:
        if handled.subject == "thing/5" and emitter.handled["thing/5"] == 1:
            threading.Event().wait(20)

    emitter.fault = hang
    stage.send(*(event(number) for number in range(10)))
    began = time.monotonic()
    assert len(stage.deliver()) == 1
    assert time.monotonic() - began < 10
    decided = {row["pk"]: row for row in stage.rows()}
    assert Counter(str(row["decision"]) for row in decided.values()) == {"processed": 9, "retrying": 1}
    assert decided["thing/5"]["error_class"] == "TimeLimitError"
    assert "took longer than its share" in decided["thing/5"]["reason"]


@both
def test_a_handler_that_catches_its_interruption_is_interrupted_again(stage: Stage, emitter: Emitter) -> None:
    """A bare `except` around a call that hangs does not block the batch forever."""
    stage.left_ms = 2_000 + 200

    def stubborn(_event: Event) -> None:
        try:
            threading.Event().wait(20)
        except BaseException:  # noqa: BLE001 - the test is about this mistake
            threading.Event().wait(20)

    emitter.fault = stubborn
    stage.send(event())
    assert len(stage.deliver()) == 1
    assert stage.decisions() == ["retrying"]


@both
def test_except_exception_does_not_catch_an_interruption(stage: Stage, emitter: Emitter) -> None:
    """Code that retries after any exception, as botocore does, gets no second share of the time."""
    stage.left_ms = 2_000 + 200
    tries = itertools.count()

    def persistent(_event: Event) -> None:
        for _ in itertools.islice(tries, 3):
            with contextlib.suppress(Exception):
                threading.Event().wait(20)

    emitter.fault = persistent
    stage.send(event())
    assert len(stage.deliver()) == 1
    assert (next(tries), stage.rows()[0]["error_class"]) == (1, "TimeLimitError")


@both
def test_a_run_without_time_left_is_released(stage: Stage, emitter: Emitter) -> None:
    """It is claimed but not started: its message is put back at once, and no attempt is counted."""
    stage.left_ms = 1_500
    stage.send(event(), event(2))
    assert len(stage.deliver()) == 2
    assert emitter.handled == {}
    stage.left_ms = 30_000
    stage.drain()
    assert [(str(row["decision"]), int(row["attempt"])) for row in stage.rows()] == [("processed", 1)] * 2
