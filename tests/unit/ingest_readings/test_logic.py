"""What is announced of measurements, and in which units."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest_readings.logic import UNITS, announce
from functions.ingest_readings.model import Measurement, Pack, Value
from functions.runtime.core.errors import MalformedError

WHEN: datetime = datetime(2026, 11, 12, 8, 30, tzinfo=UTC)


def measured(value: Value, unit: str | None, *, seconds: float = 0) -> Measurement:
    """Return a measurement."""
    return Measurement(record=0, metric="m", value=value, unit=unit, taken_at=WHEN + timedelta(seconds=seconds))


def converted(value: Value, unit: str | None) -> tuple[Value, str | None]:
    """Return value and unit as they are announced."""
    (told,) = announce("device/7", Pack(measurements=(measured(value, unit),)))["measurements"]
    return told["value"], told.get("unit")


def test_a_reading_is_as_new_as_its_newest_measurement() -> None:
    """Whatever the order in which the device listed them, which is kept."""
    pack = Pack(measurements=(measured(1.0, "V"), measured(2.0, "V", seconds=60.5), measured(3.0, "V")))
    told = announce("device/a/b", pack)
    assert told.keys() == {"device", "taken_at", "measurements"}
    assert (told["device"], told["taken_at"]) == ("a/b", "2026-11-12T08:31:00.500+00:00")
    assert [each["value"] for each in told["measurements"]] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (71.6, "°F", (22.0, "Cel")),
        (-40.0, "[degF]", (-40.0, "Cel")),
        (100.0, "ms", (0.1, "s")),
        (10.0, "dBm", (-20.0, "dBW")),
        (1013.25, "hPa", (101325.0, "Pa")),
        (1.5, "kWh", (5_400_000.0, "J")),
        (36.0, "km/h", (10.0, "m/s")),
        (42.0, "/100", (0.42, "/")),
    ],
)
def test_a_secondary_unit_becomes_the_unit_of_the_registry(
    value: float, unit: str, expected: tuple[float, str]
) -> None:
    """The two examples of RFC 8798 among them; without the noise of binary fractions."""
    assert converted(value, unit) == expected


@pytest.mark.parametrize("unit", [None, "Cel", "K", "%", "%RH", "bananas"])
def test_any_other_unit_stays_as_it_is(unit: str | None) -> None:
    """Also one nobody knows: what it means is between the device and its reader. Digits are not touched."""
    assert converted(0.1234567890123456, unit) == (0.1234567890123456, unit)


@pytest.mark.parametrize("value", [True, "on"])
def test_only_numbers_are_converted(value: Value) -> None:
    """A switch has no scale."""
    assert converted(value, "kW") == (value, "kW")


def test_a_value_that_no_longer_fits_is_malformed() -> None:
    """No infinity leaves: it would be no JSON."""
    with pytest.raises(MalformedError, match=r"payload\[0\] has a value that is not a finite number"):
        converted(1e308, "kWh")


def test_records_that_cannot_be_used_are_told_beside_the_others() -> None:
    """Twenty with their reasons; a value that no longer fits its new unit is one of them."""
    measurements = (measured(1e308, "kWh"), measured(1.5, "kWh"))
    told = announce(
        "device/7", Pack(measurements=measurements, unusable=tuple(f"record {n} is bad" for n in range(30)))
    )
    assert [each["value"] for each in told["measurements"]] == [5_400_000.0]
    assert told["unusable"] == [f"record {n} is bad" for n in range(20)]
    assert told["unusable_omitted"] == 11


@given(value=st.floats(-1e12, 1e12), unit=st.sampled_from(sorted(UNITS)))
def test_a_conversion_can_be_undone(value: float, unit: str) -> None:
    """Scale and offset lose no more than the last digits."""
    told, _ = converted(value, unit)
    _, scale, offset = UNITS[unit]
    assert isinstance(told, float)
    assert math.isclose((told - offset) / scale, value, rel_tol=1e-9, abs_tol=abs(offset / scale) * 1e-9 + 1e-300)
