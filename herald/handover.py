"""Hands an event of AWS, which no bus takes from us, to the functions whose rules would: on the local AWS alone."""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from functions.runtime.envelope import parse
from functions.runtime.errors import EnvelopeError
from herald.deployment import Deployment
from herald.errors import CommandError
from herald.queues import post
from infra import catalog, pattern

WRITTEN: Final = ("aws.s3", "Object Created")  # comes about here as it does on AWS: an object is written


def is_of_aws(given: Mapping[str, Any]) -> bool:
    """Judge whether AWS alone may put an event on a bus: EventBridge keeps these sources for it."""
    return str(given.get("source")).startswith("aws.")


def refuse(deployment: Deployment, file: Path, given: Mapping[str, Any]) -> None:
    """Raise CommandError for what is not handed over, with the way in which its functions are run all the same."""
    if (given["source"], given.get("detail-type")) == WRITTEN:
        way = "write such an object, with `herald send OBJECT --to PREFIX`"
    elif not deployment.endpoint:
        way = "the local AWS runs the functions whose patterns match, `herald test FUNCTION` the one whose sample it is"
    else:
        return
    message = f"{file} is an event of {given['source']}, and AWS alone puts those on a bus: {way}"
    raise CommandError(message)


def send(deployment: Deployment, file: Path, given: Mapping[str, Any], tell: Callable[[str], None]) -> str:
    """Put the event into the queues, as it stands, which is what the target of a rule sends; return its subject.

    A missing id or time is filled in. CommandError when no function is deployed whose pattern matches.
    """
    body = json.dumps(
        {"id": str(uuid.uuid4()), "time": datetime.now(UTC).isoformat()} | dict(given), ensure_ascii=False
    )
    try:
        event = parse(body)
    except EnvelopeError as error:
        message = f"{file}: {error}"
        raise CommandError(message) from error
    takers = _takers(deployment, json.loads(body))
    if not takers:
        message = f"{file} is an event of {event.source}, and no function that is deployed has a pattern it matches"
        raise CommandError(message)
    for name in takers:
        url = deployment.queues[name]["queue"]
        if not post(deployment.client("sqs"), url, [{"MessageBody": body, "MessageAttributes": {}}]):
            message = f"SQS did not take the event for {name}"
            raise CommandError(message)
    kept = "; it keeps its id: sent again, it is a duplicate" if "id" in given else ""
    tell(f"handed to {', '.join(takers)}, as a rule would: only AWS puts an event of {event.source} on a bus{kept}")
    return event.subject


def _takers(deployment: Deployment, event: Mapping[str, Any]) -> list[str]:
    """Return the deployed functions whose rule on the default bus matches."""
    return [
        spec.name
        for spec in deployment.specs.values()
        if "default" in spec.buses
        and spec.name in deployment.queues
        and pattern.matches(catalog.resolve(dict(spec.trigger.pattern), deployment.names), event)
    ]
