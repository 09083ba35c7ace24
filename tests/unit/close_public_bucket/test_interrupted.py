"""Attempts that closed a bucket and failed before they emitted the event."""

import pytest

from functions.runtime.run.bucket_guard import BLOCKS
from tests.stage import Stage, lost_reply, on, throttled
from tests.unit.close_public_bucket.buckets import Buckets
from tests.unit.close_public_bucket.calls import called


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_attempt_that_closed_and_could_not_tell_is_told_of_by_the_next(stage: Stage, s3: Buckets, when: str) -> None:
    """The second attempt finds a closed bucket, and tells what the first one found; a repeat has the same id."""
    stage.fail = on("emit", when, throttled())
    stage.send(called())
    stage.drain()
    assert s3.calls.count("PutPublicAccessBlock") == 2
    assert {event["data"]["found"]["policy_public"] for event in stage.events} == {True}
    assert len({event["id"] for event in stage.events}) == 1


def test_a_memory_whose_answer_was_lost_is_found_again(stage: Stage, s3: Buckets) -> None:
    """The attempt fails before it closes anything; the next one finds what was kept, and closes."""
    calls = iter([lambda: None, lost_reply_raised])

    def fail(call: str, when: str) -> None:
        if (call, when) == ("statements", "after"):
            next(calls, lambda: None)()

    stage.fail = fail
    stage.send(called())
    stage.drain()
    assert s3.blocks == dict.fromkeys(BLOCKS, True)
    assert (stage.decisions(), len(stage.events)) == (["processed"], 1)


def lost_reply_raised() -> None:
    """Raise what botocore raises when the answer of a call does not come."""
    raise lost_reply()
