"""What the error action of an IoT rule puts among the undelivered: whose it is, why, and the message it was to be.

Source: "Error handling (error action)", AWS IoT Core Developer Guide, error action message format.
"""

import json
from typing import Any

from herald.deployment.deployment import Deployment
from infra.declarations import topic


def read(deployment: Deployment, body: str, sent_at: int) -> dict[str, Any] | None:
    """Return the fields of a letter, None where the body is none of an error action.

    `body` is the message as the rule would have sent it, received when it failed: `sent_at`, in ms since the epoch.
    """
    try:
        document = json.loads(body)
        rule, named, payload = (document[name] for name in ("ruleName", "topic", "base64OriginalPayload"))
        failure = document["failures"][0]
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    rules = {
        deployment.lambda_name(called).replace("-", "_"): (spec.name, spec.trigger.iot)
        for spec in deployment.specs.values()
        if spec.trigger.iot
        for called in (spec.name, *spec.formerly)
    }
    function, trigger = rules.get(rule, (None, None))
    device = topic.device_of(trigger.topic, str(named)) if trigger else None
    if device is None:
        return None
    message = {"payload": payload, "topic": named, "device": device}
    message |= {"client_id": document.get("clientId"), "received_at": sent_at}
    return {
        "function": function,
        "error": str(failure.get("failedAction") or "Undelivered"),
        "reason": str(failure.get("errorMessage") or "AWS IoT says no more"),
        "subject": f"device/{device}",
        "said": {name: value for name, value in document.items() if name != "base64OriginalPayload"},
        "body": json.dumps(message),
    }
