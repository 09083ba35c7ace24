"""Parses the body of an SQS message into one frozen Event, with one parser per envelope.

Envelopes: S3 events, CloudEvents 1.0, CloudTrail records, AWS Config's compliance changes, messages of AWS IoT rules,
wakes, and EventBridge's own envelope for all other events.
"""

import json
from collections.abc import Callable

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.event import Event
from functions.runtime.core.json_values import Json
from functions.runtime.envelopes import aws_events, cloud_events, fields, iot, s3, wake


def parse(body: str) -> Event:
    """Parse the body of one message; EnvelopeError names the place and the fault."""
    try:
        envelope = json.loads(body)
        if "\\ud" in body.lower():  # JSON's grammar allows unpaired surrogates, but no service can store them
            json.dumps(envelope, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise EnvelopeError("the body", f"is not JSON: {error}") from error
    if not isinstance(envelope, dict):
        raise EnvelopeError("the body", f"is a JSON {type(envelope).__name__}, not an EventBridge event")
    event = _parser(envelope)(envelope)
    fields.check_length("the subject", event.subject)
    return event


def _parser(envelope: Json) -> Callable[[Json], Event]:
    if iot.is_message(envelope):
        return iot.message
    if wake.is_message(envelope):
        return wake.message
    detail = fields.table(envelope, "detail")
    if envelope.get("detail-type") == "AWS API Call via CloudTrail":
        return aws_events.api_call
    if envelope.get("detail-type") == "Config Rules Compliance Change":
        return aws_events.compliance_change
    if fields.text(envelope, "source") == "aws.s3":
        return s3.object_event
    return cloud_events.cloud_event if "specversion" in detail else aws_events.service_event
