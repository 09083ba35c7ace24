"""Builders of events in the format of AWS, for tests."""

import base64
import itertools
import json
from typing import Any, Final

BUCKET: Final = "outputs-bucket"

_count = itertools.count(1)


def object_created(
    key: str = "reports/a.xml",
    version: str | None = "",
    *,
    bucket: str = BUCKET,
    **obj: Any,  # noqa: ANN401 - fields of S3
) -> dict[str, Any]:
    """Return S3's event for a written object. Each call is a later write, with a new version unless one is given."""
    number = next(_count)
    fields = {
        "key": key,
        "size": 10,
        "etag": "e",
        "sequencer": f"{number:016X}",
        "version-id": f"v{number}" if version == "" else version,
    } | obj
    return {
        "version": "0",
        "id": f"eventbridge-{number}",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2026-11-12T00:00:00Z",
        "region": "eu-west-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "bucket": {"name": bucket},
            "object": {name: value for name, value in fields.items() if value is not None},
            "requester": "111122223333",
            "source-ip-address": "192.0.2.44",
        },
    }


def cloud_event(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - attributes of CloudEvents
    """Return a CloudEvent in EventBridge's envelope."""
    number = next(_count)
    detail = {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "shop",
        "type": "customer.created",
        "subject": "customer/42",
        "time": "2026-11-12T00:00:00Z",
        "data": {},
    } | fields
    return {
        "version": "0",
        "id": f"eventbridge-{number}",
        "detail-type": detail["type"],
        "source": detail["source"],
        "account": "111122223333",
        "time": "2026-11-12T00:00:01Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {name: value for name, value in detail.items() if value is not None},
    }


def alarm_changed(state: str, timestamp: object, /, *, name: str = "latency", **detail: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of CloudWatch
    """Return CloudWatch's event of an alarm's state change at a time such as 2026-11-12T09:04:40.989+0000."""
    return {
        "version": "0",
        "id": f"eventbridge-{next(_count)}",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "111122223333",
        "time": "2026-11-12T09:04:40Z",
        "region": "eu-west-1",
        "resources": [f"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{name}"],
        "detail": {
            "alarmName": name,
            "configuration": {"description": "Slow. See https://wiki.example.com/runbooks/latency."},
            "previousState": {"value": "INSUFFICIENT_DATA"},
            "state": {"value": state, "reason": "Threshold Crossed", "timestamp": timestamp},
        }
        | detail,
    }


def iot_message(payload: bytes, *, device: str = "7", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - fields that the SQL selects
    """Return the message that the rule of `devices/+/readings` sends."""
    return {
        "payload": base64.b64encode(payload).decode(),
        "topic": f"devices/{device}/readings",
        "device": device,
        "client_id": f"client-{device}",
        "received_at": 1_794_441_600_000,
    } | fields


def body(event: dict[str, Any]) -> str:
    """Return the event as the body of an SQS message."""
    return json.dumps(event)
