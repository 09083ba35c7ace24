"""Converts measurements to the data of `reading.taken`, in units that are comparable across devices.

Source of the table: RFC 8798, secondary units (a value in the SenML unit is the value times scale plus offset). Degrees
Fahrenheit are not in a SenML registry; devices send them as UCUM's `[degF]` or as `°F`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from functions.ingest_readings.model import Measurement, Pack, UnusableRecordError, finite, with_measurements

# Secondary unit: SenML unit, scale, offset. `%` is missing: in SenML it equals `/`, but most devices mean percent.
UNITS: Final[Mapping[str, tuple[str, float, float]]] = {
    "ms": ("s", 1 / 1000, 0),
    "min": ("s", 60, 0),
    "h": ("s", 3600, 0),
    "MHz": ("Hz", 1_000_000, 0),
    "kW": ("W", 1000, 0),
    "kVA": ("VA", 1000, 0),
    "kvar": ("var", 1000, 0),
    "Ah": ("C", 3600, 0),
    "Wh": ("J", 3600, 0),
    "kWh": ("J", 3_600_000, 0),
    "varh": ("vars", 3600, 0),
    "kvarh": ("vars", 3_600_000, 0),
    "kVAh": ("VAs", 3_600_000, 0),
    "Wh/km": ("J/m", 3.6, 0),
    "KiB": ("B", 1024, 0),
    "GB": ("B", 1e9, 0),
    "Mbit/s": ("bit/s", 1_000_000, 0),
    "B/s": ("bit/s", 8, 0),
    "MB/s": ("bit/s", 8_000_000, 0),
    "mV": ("V", 1 / 1000, 0),
    "mA": ("A", 1 / 1000, 0),
    "dBm": ("dBW", 1, -30),
    "ug/m3": ("kg/m3", 1e-9, 0),
    "mm/h": ("m/s", 1 / 3_600_000, 0),
    "m/h": ("m/s", 1 / 3600, 0),
    "ppm": ("/", 1e-6, 0),
    "/100": ("/", 1 / 100, 0),
    "/1000": ("/", 1 / 1000, 0),
    "hPa": ("Pa", 100, 0),
    "mm": ("m", 1 / 1000, 0),
    "cm": ("m", 1 / 100, 0),
    "km": ("m", 1000, 0),
    "km/h": ("m/s", 1 / 3.6, 0),
    "[degF]": ("Cel", 5 / 9, -160 / 9),
    "°F": ("Cel", 5 / 9, -160 / 9),
}
UNUSABLE_NAMED: Final = 20
DIGITS: Final = 12  # significant digits of a converted value; the others are rounding noise


def announce(subject: str, pack: Pack) -> dict[str, Any]:
    """Return the event's data: the device, the time of its newest measurement, and all measurements in order.

    It has the faults of the first twenty unusable records. MalformedError when no record is usable.
    """
    converted = convert(pack)
    data: dict[str, Any] = {
        "device": subject.removeprefix("device/"),
        "taken_at": _iso(max(each.taken_at for each in converted.measurements)),
        "measurements": [_describe(each) for each in converted.measurements],
    }
    if converted.unusable:
        data["unusable"] = list(converted.unusable[:UNUSABLE_NAMED])
        data["unusable_omitted"] = max(0, len(converted.unusable) - UNUSABLE_NAMED)
    return data


def convert(pack: Pack) -> Pack:
    """Return a pack with secondary units converted. A value that is not finite afterwards cannot be used."""
    measured, unusable = [], list(pack.unusable)
    for each in pack.measurements:
        try:
            measured.append(_converted(each))
        except UnusableRecordError as error:
            unusable.append(str(error))
    return with_measurements(Pack(measurements=tuple(measured), unusable=tuple(unusable)))


def _converted(measurement: Measurement) -> Measurement:
    value, unit = measurement.value, measurement.unit
    if not (unit and unit in UNITS and isinstance(value, float)):
        return measurement
    unit, scale, offset = UNITS[unit]
    value = finite(value * scale + offset, f"payload[{measurement.record}]")
    return replace(measurement, value=float(f"{value:.{DIGITS}g}"), unit=unit)


def _describe(measurement: Measurement) -> dict[str, Any]:
    described = {"metric": measurement.metric, "value": measurement.value, "taken_at": _iso(measurement.taken_at)}
    return described if measurement.unit is None else described | {"unit": measurement.unit}


def _iso(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds")
