"""A SenML pack that a device published in, `reading.taken` out."""

from datetime import datetime

from functions.ingest_readings.logic import announce
from functions.ingest_readings.model import MalformedPackError, parse
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Convert; records that cannot be used are named in the event, and a pack without any other is rejected."""
    try:
        taken = announce(event.subject, parse(event.data, datetime.fromisoformat(event.time)))
    except MalformedPackError as error:
        raise Permanent(str(error)) from error
    if "unusable" in taken:
        count = len(taken["unusable"]) + taken["unusable_omitted"]
        run.log.warning("records that cannot be used are left out", count=count, first=taken["unusable"][0])
    run.emit("reading.taken", taken, subject=event.subject)
