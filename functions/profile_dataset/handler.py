"""A dataset in CSV in; its profile, and `dataset.profiled`, out."""

import json

from functions.profile_dataset.logic import announce, describe, profile_key
from functions.profile_dataset.model import LIMIT_BYTES, MalformedDatasetError
from functions.profile_dataset.survey import survey
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Profile the dataset that was written; one that is no CSV is rejected with what is wrong in it."""
    try:
        with run.open(event, limit_bytes=LIMIT_BYTES) as stream:
            dataset = survey(stream)
    except MalformedDatasetError as error:
        raise Permanent(str(error)) from error
    key = profile_key(event.subject.split("/", 3)[3])
    body = json.dumps(describe(dataset, event.subject), ensure_ascii=False, allow_nan=False, indent=2).encode()
    run.write("artifacts", key, body, content_type="application/json")
    profile = f"s3://{run.address('bucket', 'artifacts')}/{key}"
    run.emit("dataset.profiled", announce(dataset, profile), subject=event.subject)
