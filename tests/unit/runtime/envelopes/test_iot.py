"""What becomes an event of the messages that devices publish, and which of them are the same event."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.event import Event
from functions.runtime.envelopes.envelope import parse
from tests.events import body, iot_message
from tests.stage import Stage, install

READING = b'[{"bt": 1794441599.5, "n": "level", "v": 1.5}]'


def event(payload: bytes = READING, **fields: Any) -> Event:  # noqa: ANN401 - what the SQL selects
    """Return the event of a message."""
    return parse(body(iot_message(payload, **fields)))


def test_a_message_is_about_its_device() -> None:
    """Known by its topic and what was published, told by its client, and as old as AWS IoT says."""
    told = event()
    assert (told.source, told.type, told.subject) == ("aws.iot", "IoT Message", "device/7")
    assert told.data == {"payload": json.loads(READING)}
    assert (told.time, told.requester) == ("2026-11-12T00:00:00.000+00:00", "client-7")
    assert told.lineage.correlation_id == told.id


def test_a_reading_that_comes_again_is_the_same_event() -> None:
    """QoS 1 delivers twice, later and through another session: a pack that tells its own time is the same reading."""
    again = event(received_at=1_794_441_700_000, client_id="another")
    assert (again.id, again.payload_digest) == (event().id, event().payload_digest)


def test_what_tells_no_time_of_its_own_is_known_by_when_it_came() -> None:
    """A button sends the same word each time it is pressed; SQS delivers one press twice."""
    for payload in (b"pressed", b'{"pressed": true}', b"[]", b'[{"n": "a", "v": 1, "t": -5}]'):
        first = event(payload)
        assert event(payload).id == first.id
        assert event(payload, received_at=1_794_441_600_001).id != first.id


@pytest.mark.parametrize("other", [{"device": "8"}, {"payload": "W10="}])
def test_another_topic_or_payload_is_another_event(other: dict[str, str]) -> None:
    """Two devices may well measure the same."""
    changed = iot_message(READING) | other
    changed["topic"] = f"devices/{changed['device']}/readings"
    assert parse(body(changed)).id != event().id


def test_the_sequence_is_the_time_of_the_reading() -> None:
    """Its order as text is that of the times, not that of the arrivals; without a time there is none."""
    times = [268_435_456, 999_999_999, 1_000_000_000.5, 1_794_441_599, 253_402_300_799]
    sequences = [event(json.dumps([{"bt": at, "n": "a", "v": 1}]).encode()).sequence for at in times]
    assert all(sequences)
    assert sequences == sorted(map(str, sequences))
    assert event(b'[{"bt": 1794441000, "t": -10, "n": "a", "v": 1}]').sequence == "001794440990000"
    assert event(b'[{"t": -10, "n": "a", "v": 1}]').sequence is None


@pytest.mark.parametrize(
    "payload",
    [b"\xff\x00", b"", b"NaN", b"[Infinity]", b"1e999", b'"\\ud800"', b"[" * 100_000, b"9" * 5_000, b"\xef\xbb\xbf1"],
)
def test_what_no_service_would_take_as_json_stays_as_it_is(payload: bytes) -> None:
    """It is an event all the same, of its device, for the function to judge."""
    told = event(payload)
    assert list(told.data) == ["payload_base64"]
    assert told.subject == "device/7"
    assert told.payload_digest


def test_a_message_over_https_has_no_client() -> None:
    """AWS IoT says n/a."""
    assert event(client_id="n/a").requester is None
    assert event(client_id=None).requester is None


def test_an_empty_message_may_lack_its_payload() -> None:
    """What is undefined to a rule's SQL is left out of what it sends."""
    message = iot_message(b"")
    del message["payload"]
    assert parse(body(message)).data == {"payload_base64": ""}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"topic": None}, "topic is NoneType, not str"),
        ({"topic": ""}, "topic is empty"),
        ({"device": ""}, "device is empty"),
        ({"device": 7}, "device is int, not str"),
        ({"device": "d" * 2_048}, "the subject has 2,055 bytes, more than 2,048"),
        ({"received_at": "now"}, "received_at is str, not int"),
        ({"received_at": -1}, "received_at is not a time in milliseconds"),
        ({"received_at": 10**30}, "received_at is not a time"),
        ({"payload": 7}, "payload is int, not str"),
        ({"payload": "§"}, "payload is not Base64"),
    ],
)
def test_what_no_rule_sends_is_refused(fields: dict[str, Any], reason: str) -> None:
    """Each fault has a sentence that names the field."""
    with pytest.raises(EnvelopeError, match=reason):
        parse(body(iot_message(READING) | fields))


def test_a_missing_field_is_named() -> None:
    """As in the other envelopes."""
    message = iot_message(READING)
    del message["device"]
    with pytest.raises(EnvelopeError, match="device is missing"):
        parse(body(message))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["bt", "t", "n", "v"]), inner),
    max_leaves=8,
)


@given(payload=st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode()))
def test_whatever_is_published_is_an_event(payload: bytes) -> None:
    """A device can send no bytes that are lost; and what the event says can be told on."""
    told = event(payload)
    assert told.subject == "device/7"
    json.dumps(dict(told.data), allow_nan=False, ensure_ascii=False).encode()


def test_a_repeat_does_not_act(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two deliveries of one reading are one run; another reading is another."""
    stage = install(Stage(lambda e, r: r.emit("reading.taken", {}, subject=e.subject)), monkeypatch)
    other = iot_message(READING.replace(b"1.5", b"2.5"))
    stage.send(body(iot_message(READING)), body(other), body(iot_message(READING, received_at=1_794_441_700_000)))
    stage.drain()
    assert stage.decisions() == ["processed", "processed"]
    assert len(stage.events) == 2
