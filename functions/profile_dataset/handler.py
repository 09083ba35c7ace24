"""Profiles a CSV dataset and emits `dataset.profiled`."""

import json

from functions.profile_dataset.logic import announce, describe
from functions.profile_dataset.model import LIMIT_BYTES
from functions.profile_dataset.survey import survey
from functions.runtime import Event, Run, entrypoint
from functions.runtime.core.text import derived_key


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Write the profile of the dataset."""
    with run.open(event, limit_bytes=LIMIT_BYTES) as stream:
        dataset = survey(stream)
    key = derived_key(event.key, ".profile.json")
    body = json.dumps(describe(dataset, event.subject), ensure_ascii=False, allow_nan=False, indent=2).encode()
    run.write("artifacts", key, body, content_type="application/json")
    profile = f"s3://{run.address('bucket', 'artifacts')}/{key}"
    run.emit("dataset.profiled", announce(dataset, profile), subject=event.subject)
