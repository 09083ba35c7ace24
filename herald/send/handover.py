"""Sends an event from `aws.*` to the queues of matching functions, on the local AWS only."""

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
    """Return whether only AWS may put this event on a bus: EventBridge reserves these sources."""
    return naming.is_aws(given.get("source"))


def refuse(deployment: Deployment, file: Path, given: Mapping[str, Any]) -> None:
    """Raise CommandError for an event that cannot be handed over. The message has another way to run its functions."""
    if WRITTEN.items() <= given.items():  # it comes about here as it does on AWS
        way = "write such an object, with `herald send OBJECT --to PREFIX`"
    elif not deployment.endpoint:
        way = "the local AWS runs the functions whose patterns match, `herald test FUNCTION` the one whose sample it is"
    else:
        return
    raise CommandError(f"{file} is an event of {given['source']}, and AWS alone puts those on a bus: {way}")


def send(deployment: Deployment, file: Path, envelope: Mapping[str, Any]) -> str:
    """Put an unchanged event into the queues, as the target of a rule does; return a sentence with the functions.

    CommandError when no deployed function has a pattern that matches.
    """
    source, takers = envelope["source"], _takers(deployment, envelope)
    if not takers:
        raise CommandError(f"{file} is an event of {source}, and no function that is deployed has a pattern it matches")
    body = {"MessageBody": json.dumps(envelope, ensure_ascii=False), "MessageAttributes": {}}
    for name in takers:
        if not post(deployment.client("sqs"), deployment.queues[name]["queue"], [body]):
            raise CommandError(f"SQS did not take the event for {name}")
    return f"handed to {', '.join(takers)}, as a rule would: only AWS puts an event of {source} on a bus"


def _takers(deployment: Deployment, event: Mapping[str, Any]) -> list[str]:
    """Return the deployed functions with a matching rule on the default bus."""
    listening = (spec for spec in deployment.specs.values() if "default" in spec.buses)
    return [spec.name for spec in listening if spec.name in deployment.queues and _takes(deployment, spec, event)]


def _takes(deployment: Deployment, spec: FunctionSpec, event: Mapping[str, Any]) -> bool:
    try:
        return pattern.matches(functions.resolved_pattern(deployment, spec), event)
    except CommandError:
        return False  # its rule as it is declared is not deployed
