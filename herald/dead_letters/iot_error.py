"""Reads the message that the error action of an AWS IoT rule sends to the queue `undelivered`.

Source: "Error handling (error action)", AWS IoT Core Developer Guide, error action message format.
"""

import json
from collections.abc import Mapping
from typing import Any

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from infra.declarations import topic
from infra.declarations.spec import IotTrigger


def read(deployment: Deployment, body: str, sent_at: int) -> dict[str, Any] | None:
    """Return the fields of a dead letter; None: the body is not a message of an error action of this deployment.

    `body` is the message that the rule could not send. `sent_at`, in ms since the epoch, is the time of the failure.
    """
    try:
        document = json.loads(body)
        rule, named, payload = (document[name] for name in ("ruleName", "topic", "base64OriginalPayload"))
        failure = document["failures"][0]
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    function, trigger = _rules(deployment).get(rule, (None, None))
    device = topic.device_of(trigger.topic, str(named)) if trigger else None
    if device is None:
        return None
    message = {"payload": payload, "topic": named, "device": device}
    message |= {"client_id": document.get("clientId"), "received_at": sent_at}
    return {
        "function": function,
        "error": str(failure.get("failedAction") or "Undelivered"),
        "reason": str(failure.get("errorMessage") or "AWS IoT gives no error message"),
        "subject": f"device/{device}",
        "details": {name: value for name, value in document.items() if name != "base64OriginalPayload"},
        "body": json.dumps(message),
    }


def _rules(deployment: Deployment) -> Mapping[str, tuple[str, IotTrigger]]:
    """Return function and trigger by the name of the IoT rule, also for the rules of former names."""
    return {
        functions.lambda_name(deployment, name).replace("-", "_"): (spec.name, spec.trigger.iot)
        for spec in deployment.specs.values()
        if spec.trigger.iot
        for name in (spec.name, *spec.formerly)
    }
