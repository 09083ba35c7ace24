"""What the handler makes of a device's message."""

import base64
import json

import pytest

from functions.ingest_readings.handler import handle
from functions.runtime import Permanent
from functions.runtime.envelope import parse
from tests.doubles import RecordingRun
from tests.events import iot_message


def handled(payload: bytes) -> RecordingRun:
    """Return the run after the handler."""
    run = RecordingRun()
    handle.__wrapped__(parse(json.dumps(iot_message(payload, device="silo-3"))), run)  # type: ignore[attr-defined] # the handler below the entrypoint
    return run


def test_a_pack_becomes_a_reading() -> None:
    """Of the device that its topic names, with times that were relative to when it was received."""
    run = handled(b'[{"n": "level", "u": "cm", "v": 120, "t": -1.5}]')
    taken_at = "2026-11-11T23:59:58.500+00:00"
    measured = {"metric": "level", "value": 1.2, "unit": "m", "taken_at": taken_at}
    data = {"device": "silo-3", "taken_at": taken_at, "measurements": [measured]}
    assert run.emitted == [("reading.taken", data)]


@pytest.mark.parametrize("payload", [b"", b"\xff", b"21.5", b"[{}]x", base64.b64encode(b"[]")])
def test_what_is_no_reading_is_rejected(payload: bytes) -> None:
    """Nothing is emitted of it."""
    with pytest.raises(Permanent):
        handled(payload)
