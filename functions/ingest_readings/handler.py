"""A SenML pack that a device published in, `reading.taken` out."""

from datetime import datetime

from functions.ingest_readings.logic import announce
from functions.ingest_readings.model import MalformedPackError, parse
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Convert; what is no SenML, or has a value without sense, is rejected with what is wrong in it."""
    try:
        taken = announce(event.subject, parse(event.data, datetime.fromisoformat(event.time)))
    except MalformedPackError as error:
        raise Permanent(str(error)) from error
    run.emit("reading.taken", taken, subject=event.subject)
