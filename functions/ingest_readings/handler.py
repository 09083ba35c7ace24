"""Reads a SenML pack that a device published, and emits `reading.taken`."""

from datetime import datetime

from functions.ingest_readings.logic import announce
from functions.ingest_readings.model import parse
from functions.runtime import Event, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Convert the measurements. The event lists unusable records; a pack without a usable record is rejected."""
    taken = announce(event.subject, parse(event.data, datetime.fromisoformat(event.time)))
    if "unusable" in taken:
        count = len(taken["unusable"]) + taken["unusable_omitted"]
        run.log.warning("unusable records left out", count=count, first=taken["unusable"][0])
    run.emit("reading.taken", taken, subject=event.subject)
