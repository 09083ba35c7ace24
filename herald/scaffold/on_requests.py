"""A function that receives signed requests and emits their content as an event."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from herald.errors import CommandError
from herald.scaffold import new_contract
from herald.scaffold.new_files import as_json
from herald.scaffold.trigger import Trigger
from herald.send import webhook

# A public key, from the examples of the reference implementations of Standard Webhooks. It signs samples for tests.
PUBLISHED: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID: Final = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
SIGNED_AT: Final = 1_794_441_601
LINES: Final = """
[trigger.http]
max_concurrency = 10    # concurrent requests, reserved from the account's concurrency; more get status 429
[trigger.http.senders]
{name} = {{ types = ["{event_type}"] }}    # the event types that its requests may become

[secrets]
webhooks = "secret.own"    # this function's own secret; JSON: its keys are the list under \"{name}\"
"""


def choose(name: str, root: Path, emit: Sequence[str]) -> Trigger:
    """Return the trigger for requests, with a signed sample; CommandError: there is not exactly one event type."""
    if len(emit) != 1:
        raise CommandError(f"a signed request becomes one event: --on http takes one --emit TYPE, not {len(emit)}")
    (event_type,) = emit
    content = {"subject": f"{event_type.split('.', maxsplit=1)[0]}/42", "data": new_contract.example(root, event_type)}
    return Trigger(
        kind="request",
        described=f"Receive signed requests, and emit their content as {event_type}.",
        lines=LINES.format(name=name, event_type=event_type),
        samples=(f"http/{name}",),
        send=f"herald send --event events/http/{name}.json",
        files={f"events/http/{name}.json": as_json(_request(name, json.dumps(content, ensure_ascii=False)))},
    )


def _request(name: str, body: str) -> dict[str, Any]:
    """Return a request as a function URL sends it. Source: "Request payload format", AWS Lambda Developer Guide."""
    host = "7k3w5q2m9x4v8c6b1n0j5h2g7f4d3s9a"
    return {
        "version": "2.0",
        "rawPath": f"/{name}",
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "host": f"{host}.lambda-url.eu-west-1.on.aws",
            **webhook.sign(PUBLISHED, ID, SIGNED_AT, body.encode()),
        },
        "requestContext": {
            "domainPrefix": host,
            "http": {"method": "POST", "path": f"/{name}", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.44"},
            "requestId": "8f4b7c1e-2d3a-4f5b-9c6d-7e8f90a1b2c3",
            "timeEpoch": (SIGNED_AT + 1) * 1_000,
        },
        "body": body,
        "isBase64Encoded": False,
    }
