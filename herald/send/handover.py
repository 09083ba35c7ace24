"""Sends an event from `aws.*` to the queues of matching functions; only the local AWS accepts such an event."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions.runtime.patterns import pattern
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.deployment.queues import post
from herald.errors import CommandError
from infra.declarations import naming
from infra.declarations.spec import FunctionSpec
from infra.flow.routing import WRITTEN


def is_of_aws(given: Mapping[str, Any]) -> bool:
    """Return whether the source begins with `aws.`; EventBridge accepts such events only from AWS services."""
    return naming.is_aws(given.get("source"))


def refuse(deployment: Deployment, file: Path, given: Mapping[str, Any]) -> None:
    """Raise CommandError if an event cannot be sent to queues; the message names another way to run its functions.

    Two kinds are refused: an event that S3 sends when an object is written, and every event of AWS on AWS itself.
    """
    if WRITTEN.items() <= given.items():  # the local S3 sends this event too
        way = "to run its functions, write an object with `herald send OBJECT --to PREFIX`"
    elif not deployment.endpoint:
        way = "send it on the local AWS, or run `herald test FUNCTION` if it is a sample of that function"
    else:
        return
    raise CommandError(f"{file}: events from {given['source']} cannot be put on a bus; {way}")


def send(deployment: Deployment, file: Path, envelope: Mapping[str, Any]) -> str:
    """Send the unchanged event to the queues of matching functions, as rules do; return a sentence that names them.

    CommandError if no deployed function has a pattern that matches, or if SQS does not accept the event.
    """
    source = envelope["source"]
    receivers = _receivers(deployment, envelope)
    if not receivers:
        raise CommandError(f"{file}: no deployed function has a pattern that matches this event from {source}")
    body = {"MessageBody": json.dumps(envelope, ensure_ascii=False), "MessageAttributes": {}}
    for name in receivers:
        if not post(deployment.client("sqs"), deployment.queues[name]["queue"], [body]):
            raise CommandError(f"SQS did not accept the event for {name}")
    return f"sent to {', '.join(receivers)}, as a rule does: events from {source} cannot be put on a bus"


def _receivers(deployment: Deployment, event: Mapping[str, Any]) -> list[str]:
    """Return the deployed functions with a matching rule on the default bus."""
    listening = (spec for spec in deployment.specs.values() if "default" in spec.buses)
    return [spec.name for spec in listening if spec.name in deployment.queues and _matches(deployment, spec, event)]


def _matches(deployment: Deployment, spec: FunctionSpec, event: Mapping[str, Any]) -> bool:
    try:
        return pattern.matches(functions.resolved_pattern(deployment, spec), event)
    except CommandError:
        return False  # the pattern names a resource that is not deployed
