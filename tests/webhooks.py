"""Builders of webhooks: requests to a Function URL, signed with the keys of published examples."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

# GitHub Docs, "Testing the webhook payload validation"; stripe-dotnet, EventUtilityTest.cs; the tests of the
# reference implementations of Standard Webhooks.
KEYS: Final = {
    "github": ["It's a Secret to Everybody"],
    "stripe": ["webhook_secret"],
    "generic": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
}
# The senders in functions/receive_webhook/function.toml.
SENDERS: Final[dict[str, Any]] = {
    "generic": {"types": ["customer.created"], "subjects": []},
    "github": {"types": ["build.finished", "code.pushed"], "subjects": ["repository/*"]},
    "stripe": {"types": ["customer.created"], "subjects": ["customer/cus_*"]},
}
NOW: Final = 1_794_441_600
PUSH: Final[dict[str, Any]] = {
    "ref": "refs/heads/main",
    "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
    "after": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c",
    "repository": {"full_name": "example-shop/checkout", "pushed_at": NOW - 1},
    "pusher": {"name": "ada"},
    "created": False,
    "deleted": False,
    "forced": False,
}
RUN: Final[dict[str, Any]] = {
    "action": "completed",
    "repository": {"full_name": "example-shop/checkout"},
    "workflow_run": {
        "id": 30433642,
        "name": "Build",
        "path": ".github/workflows/build.yml",
        "run_attempt": 2,
        "event": "push",
        "head_branch": "main",
        "head_repository": {"full_name": "example-shop/checkout"},
        "head_sha": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c",
        "conclusion": "timed_out",
        "html_url": "https://github.com/example-shop/checkout/actions/runs/30433642",
        "run_started_at": "2026-11-11T17:59:58Z",
        "updated_at": "2026-11-11T23:59:58Z",
    },
}
CUSTOMER: Final[dict[str, Any]] = {
    "id": "evt_1",
    "type": "customer.created",
    "created": NOW,
    "data": {"object": {"id": "cus_1", "created": NOW, "name": "Ada", "email": None}},
}
CRM: Final[dict[str, Any]] = {
    "type": "customer.created",
    "subject": "customer/42",
    "timestamp": "2026-11-12T00:00:00Z",
    "data": {"id": "42", "system": "crm", "name": "Ada", "created_at": "2026-11-12T00:00:00Z"},
}


def sent_at(payload: Mapping[str, Any], at: float) -> dict[str, Any]:
    """Return a push or a completed run with another time."""
    if "workflow_run" in payload:
        updated = {"updated_at": datetime.fromtimestamp(at, UTC).isoformat()}
        return {**payload, "workflow_run": payload["workflow_run"] | updated}
    return {**payload, "repository": payload["repository"] | {"pushed_at": int(at)}}


def body(payload: object) -> bytes:
    """Return a payload as bytes."""
    return json.dumps(payload).encode()


def github(content: bytes, key: str = KEYS["github"][0], *, event: str = "push", guid: str = "72d3") -> dict[str, str]:
    """Return the headers of GitHub."""
    signature = hmac.new(key.encode(), content, "sha256").hexdigest()
    return {"X-Hub-Signature-256": f"sha256={signature}", "X-GitHub-Event": event, "X-GitHub-Delivery": guid}


def stripe(content: bytes, key: str = KEYS["stripe"][0], *, at: int = NOW) -> dict[str, str]:
    """Return the header of Stripe."""
    signature = hmac.new(key.encode(), b"%d.%s" % (at, content), "sha256").hexdigest()
    return {"Stripe-Signature": f"t={at},v1={signature}"}


def generic(
    content: bytes, key: str = KEYS["generic"][0], *, at: int = NOW, message_id: str = "msg_1"
) -> dict[str, str]:
    """Return the headers of Standard Webhooks."""
    signed = b"%s.%d.%s" % (message_id.encode(), at, content)
    digest = hmac.digest(base64.b64decode(key.removeprefix("whsec_")), signed, "sha256")
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": signature}


def request(
    path: str, headers: Mapping[str, str], content: bytes, *, method: str = "POST", in_base64: bool = False
) -> dict[str, Any]:
    """Return the event of a Function URL for a request."""
    given = {"content-type": "application/json"} | {name.lower(): value for name, value in headers.items()}
    text = base64.b64encode(content).decode() if in_base64 else content.decode()
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": given,
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default", "timeEpoch": NOW * 1_000},
        "body": text,
        "isBase64Encoded": in_base64,
    }


SIGNERS: Final[Mapping[str, Any]] = {"github": github, "stripe": stripe, "generic": generic}
PAYLOADS: Final[Mapping[str, Any]] = {"github": PUSH, "stripe": CUSTOMER, "generic": CRM}


def signed(provider: str, payload: object = None, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - options of the signers
    """Return a valid request with the provider's example, or with another payload."""
    content = body(PAYLOADS[provider] if payload is None else payload)
    return request(f"/{provider}", SIGNERS[provider](content, **options), content)
