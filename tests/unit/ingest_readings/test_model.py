"""Which packs are SenML, what they resolve to, and with which words the others are refused."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest_readings.model import Measurement, parse
from functions.runtime.core.errors import MalformedError

RECEIVED: datetime = datetime(2026, 11, 12, tzinfo=UTC)
NOW: int = round(RECEIVED.timestamp())


def read(*records: dict[str, Any]) -> list[Measurement]:
    """Return the measurements of a pack."""
    return list(parse({"payload": list(records)}, RECEIVED).measurements)


def test_the_example_of_the_standard_is_read() -> None:
    """RFC 8428, 5.1.2: base name, base time and base unit hold for what follows; times are relative to the base."""
    voltage, *currents = read(
        {"bn": "urn:dev:ow:10e2073a0108006:", "bt": 1.276020076001e9, "bu": "A", "bver": 10, "n": "voltage", "u": "V"}
        | {"v": 120.1},
        {"n": "current", "t": -5, "v": 1.2},
        {"n": "current", "t": -4, "v": 1.3},
        {"n": "current", "v": 1.7},
    )
    when = datetime(2010, 6, 8, 18, 1, 16, 1000, tzinfo=UTC)
    name = "urn:dev:ow:10e2073a0108006:"
    assert [each.metric for each in currents] == [f"{name}current"] * 3
    assert voltage == Measurement(record=0, metric=f"{name}voltage", value=120.1, unit="V", taken_at=when)
    assert [(each.value, each.unit, (each.taken_at - when).total_seconds()) for each in currents] == [
        (1.2, "A", -5),
        (1.3, "A", -4),
        (1.7, "A", 0),
    ]


def test_a_pack_without_a_time_was_taken_when_it_came() -> None:
    """RFC 8428, 4.5.3: small times are relative to now, which is when AWS IoT received it."""
    now, before = read({"n": "urn:dev:ow:10e2073a01080063", "v": 23.1}, {"n": "a", "t": -60, "v": 1})
    assert (now.taken_at, before.taken_at) == (RECEIVED, RECEIVED - timedelta(minutes=1))
    assert now.metric == "urn:dev:ow:10e2073a01080063"
    assert now.unit is None


def test_a_base_value_is_added_and_a_base_name_stands_for_a_missing_name() -> None:
    """A device may send differences; a pack of one sensor need not repeat its name."""
    first, second = read({"bn": "tank", "bv": 20, "v": 0.5}, {"v": 0.25})
    assert [(each.metric, each.value) for each in (first, second)] == [("tank", 20.5), ("tank", 20.25)]


def test_words_and_switches_are_values_too() -> None:
    """Which may be false or empty; a record of base fields alone is none."""
    values = read(
        {"bn": "urn:dev:1:"}, {"n": "open", "vb": False}, {"n": "state", "vs": ""}, {"n": "label", "vs": "ok"}
    )
    assert [each.value for each in values] == [False, "", "ok"]


def test_a_sensor_is_named_by_base_name_and_name() -> None:
    """RFC 8428, 4.5.1: a gateway tells of several devices that call their sensors alike, by several base names."""
    found = read(
        {"bn": "kitchen:", "n": "temp", "u": "Cel", "v": 21.5},
        {"n": "door", "vb": True},
        {"bn": "freezer:", "n": "temp", "u": "Cel", "v": -18},
        {"bn": "", "n": "temp", "v": 1},
    )
    assert [(each.metric, each.value) for each in found] == [
        ("kitchen:temp", 21.5),
        ("kitchen:door", True),
        ("freezer:temp", -18),
        ("temp", 1),
    ]


@pytest.mark.parametrize("value", [{"v": 230.5}, {"vb": True}, {"vs": "on"}])
def test_a_sum_beside_a_value_is_no_fault(value: dict[str, Any]) -> None:
    """RFC 8428, 4.2: a record has one value, a sum, or both; the value is what is read."""
    (found,) = read({"n": "power", "u": "W", "s": 1_234_567} | value)
    assert [found.value] == list(value.values())


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"n": "a", "vd": "AAAA"}, "payload[1] has vd; it must have one of v, vb, vs"),
        ({"n": "a", "s": 12}, "payload[1] has s; it must have one of v, vb, vs"),
        ({"n": "a"}, "payload[1] has no value; it must have one of v, vb, vs"),
        ({"n": "a", "v": "1"}, "payload[1].v is str"),
        ({"n": "a b", "v": 1}, "payload[1] has a name that is not a SenML name"),
        ({"n": "a", "v": 1, "t": 1e300}, "payload[1] has a time that is out of range"),
        ({"n": "a", "v": 1, "t": NOW + 86_401}, "payload[1] has a time over a day"),
        (7, "payload[1] is int, not an object"),
        (None, "payload[1] is NoneType, not an object"),
    ],
)
def test_a_record_that_cannot_be_used_does_not_cost_its_neighbors(record: object, reason: str) -> None:
    """Those before and after it are read, and it is named with its reason."""
    pack = parse({"payload": [{"n": "x", "v": 1}, record, {"n": "y", "v": 2}]}, RECEIVED)
    assert [(each.record, each.metric) for each in pack.measurements] == [(0, "x"), (2, "y")]
    (told,) = pack.unusable
    assert told.startswith(reason)


def test_a_base_field_that_is_wrong_costs_the_records_it_holds_for() -> None:
    """Until another record sets it anew."""
    pack = parse(
        {"payload": [{"n": "a", "v": 1, "bt": "x"}, {"n": "b", "v": 2}, {"bt": 0, "n": "c", "v": 3}]}, RECEIVED
    )
    assert [each.metric for each in pack.measurements] == ["c"]
    assert pack.unusable == ("payload[0].bt is str, not a number", "payload[1].bt is str, not a number")


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([], "payload has no measurement"),
        ([{"bn": "a"}], "payload has no measurement"),
        ([{"n": "a"}], "payload[0] has no value; it must have one of v, vb, vs"),
        ([{"n": "a", "v": 1, "vs": "x"}], "payload[0] has v and vs; it must have one of"),
        ([{"n": "a", "vd": "AAAA"}], "payload[0] has vd; it must have one of"),
        ([{"n": "a", "v": 1, "vd": "AAAA", "s": 1}], "payload[0] has v and vd; it must have one of"),
        (
            [{"n": "a"}, {"n": "b"}, 7],
            "payload[0] has no value; it must have one of v, vb, vs (and 2 more records cannot be used)",
        ),
        ([{"n": "a", "v": 1}, {"n": "a", "v": 1, "bver": 11}], "payload[1].bver is not supported; 10 and 26 are"),
        ([{"n": "a", "s": 12}], "payload[0] has s; it must have one of"),
        ([{"n": "a", "v": "1"}], "payload[0].v is str"),
        ([{"n": "a", "v": True}], "payload[0].v is bool"),
        ([{"n": "a", "vb": 1}], "payload[0].vb is int"),
        ([{"n": "a", "v": 1, "bv": "x"}], "payload[0].bv is str, not a number"),
        ([{"n": "a", "v": 10**400}], "payload[0] has a value that is not a finite number"),
        ([{"n": "a", "v": 1e308, "bv": 1e308}], "payload[0] has a value that is not a finite number"),
        ([{"v": 1}], "payload[0] has a name that is not a SenML name"),
        ([{"n": "-a", "v": 1}], "payload[0] has a name that is not a SenML name"),
        ([{"n": "a b", "v": 1}], "payload[0] has a name that is not a SenML name"),
        ([{"n": 7, "v": 1}], "payload[0].n is int, not a text"),
        ([{"n": "a", "u": 7, "v": 1}], "payload[0].u is int, not a text"),
        ([{"n": "a", "v": 1, "t": 1e300}], "payload[0] has a time that is out of range"),
        ([{"n": "a", "v": 1, "t": -253402300799}], "payload[0] has a time that is out of range"),
        ([{"n": "a", "v": 1, "t": NOW + 86_401}], "payload[0] has a time over a day"),
        ([{"n": "a", "v": 1, "bver": 11}], "payload[0].bver is not supported; 10 and 26 are"),
        ([{"n": "a", "v": 1, "secret_": 1}], "payload[0] has 'secret_', a required extension that is not supported"),
    ],
)
def test_what_is_no_reading_is_refused_with_its_record(records: list[dict[str, Any]], reason: str) -> None:
    """A sentence that tells a device's maker where to look."""
    with pytest.raises(MalformedError) as refused:
        read(*records)
    assert str(refused.value).removeprefix("payload has no measurement: ").startswith(reason)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"payload_base64": "/w=="}, "the message is not JSON"),
        ({"payload": {"temperature": 21}}, "payload is not a SenML pack: a JSON array of records"),
        ({"payload": [1]}, "payload is not a SenML pack"),
        ({"payload": None}, "payload is not a SenML pack"),
    ],
)
def test_what_is_no_pack_is_refused(data: dict[str, Any], reason: str) -> None:
    """Whatever a device may publish."""
    with pytest.raises(MalformedError, match=reason):
        parse(data, RECEIVED)


def test_a_clock_a_little_ahead_is_a_clock() -> None:
    """Devices are not synchronised to the second."""
    assert read({"n": "a", "v": 1, "t": NOW + 86_400})[0].taken_at == RECEIVED + timedelta(days=1)


numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
anything = st.none() | st.booleans() | numbers | st.text(max_size=4)
labels = st.sampled_from(["bn", "bt", "bu", "bv", "bver", "n", "u", "v", "vb", "vs", "vd", "s", "t", "ut", "x", "x_"])


@given(pack=st.lists(st.dictionaries(labels, anything, max_size=5), max_size=3))
def test_any_json_is_read_or_refused_with_words(pack: list[dict[str, Any]]) -> None:
    """Never another error; what is read can be told as JSON."""
    try:
        for each in parse({"payload": pack}, RECEIVED).measurements:
            assert each.metric
            json.dumps(each.value, allow_nan=False)
            assert each.taken_at.isoformat()
    except MalformedError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, and a refusal has words
