"""What the handler makes of a device's message."""

import base64
import json

import jsonschema
import pytest

from functions.ingest_readings.handler import handle
from functions.runtime.core.errors import MalformedError
from functions.runtime.envelopes.envelope import parse
from infra.declarations import loader
from tests.doubles import RecordingRun, run_handler
from tests.events import iot_message


def handled(payload: bytes) -> RecordingRun:
    """Return the run after the handler."""
    run = RecordingRun()
    run_handler(handle, parse(json.dumps(iot_message(payload, device="silo-3"))), run)
    return run


def test_a_pack_becomes_a_reading() -> None:
    """Of the device that its topic names, with times that were relative to when it was received."""
    run = handled(b'[{"n": "level", "u": "cm", "v": 120, "t": -1.5}]')
    taken_at = "2026-11-11T23:59:58.500+00:00"
    measured = {"metric": "level", "value": 1.2, "unit": "m", "taken_at": taken_at}
    data = {"device": "silo-3", "taken_at": taken_at, "measurements": [measured]}
    assert run.emitted == [("reading.taken", data, "device/silo-3")]


def test_the_usable_records_of_a_pack_are_told_with_what_is_wrong_in_the_others() -> None:
    """In the event, which is what consumers and the journal have, and in the log; a sum is no fault."""
    run = handled(
        b'[{"bn":"meter:","n":"power","u":"W","v":230.5,"s":1234567},{"n":"image","vd":"AAAA"},{"n":"on","vb":true}]'
    )
    ((name, data, _),) = run.emitted
    assert [(each["metric"], each["value"]) for each in data["measurements"]] == [
        ("meter:power", 230.5),
        ("meter:on", True),
    ]
    assert (data["unusable"], data["unusable_omitted"]) == (["payload[1] has vd; it must have one of v, vb, vs"], 0)
    assert run.log.lines == ["unusable records left out"]
    contract = json.loads((loader.ROOT / f"events/{name}/1.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(contract).validate(data)
    assert data.keys() <= contract["properties"].keys()


@pytest.mark.parametrize("payload", [b"", b"\xff", b"21.5", b"[{}]x", base64.b64encode(b"[]")])
def test_what_is_no_reading_is_rejected(payload: bytes) -> None:
    """Nothing is emitted of it."""
    with pytest.raises(MalformedError):
        handled(payload)
