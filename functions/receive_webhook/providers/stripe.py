"""Stripe: a signature over time and body; new customers.

Source: "Verify webhook signatures manually" in "Receive Stripe events in your webhook endpoint", and "The Event object"
and "The Customer object" of the API reference, Stripe Docs.
"""

from datetime import UTC, datetime
from typing import Final

from functions.receive_webhook.model import Message
from functions.runtime.core.errors import MalformedError
from functions.runtime.core.json_values import Json, optional_text, text, whole_number
from functions.runtime.http.signatures import RawRequest, SignedContent, seconds

SIGNATURE: Final = "Stripe-Signature"
# In characters. Source: "Create a customer" of the API reference, Stripe Docs. A blank text means unknown.
LONGEST: Final = {"name": 256, "email": 512}


def signed_content(raw: RawRequest) -> SignedContent:
    """Return `<t>.<body>` and every v1 signature. During a rotation there is one per secret; v0 is for tests only."""
    pairs = [pair.strip().partition("=") for pair in raw.header(SIGNATURE).split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    try:
        (time,) = times
        signed_at = seconds(time)
        signatures = tuple(bytes.fromhex(value) for name, _, value in pairs if name == "v1")
    except ValueError:
        signatures = ()
    if not signatures:
        raise MalformedError(f"the header {SIGNATURE}", "is not t=<seconds>,v1=<hexadecimal>")
    return SignedContent(content=b"%s.%s" % (time.encode(), raw.body), signatures=signatures, signed_at=signed_at)


def key(secret: str) -> bytes:
    """Return the bytes of the endpoint's secret, including the prefix `whsec_`."""
    return secret.encode()


def delivery(_raw: RawRequest, payload: Json) -> str:
    """Return the event's id. Each delivery attempt repeats it."""
    return text(payload, "id")


def read(raw: RawRequest, payload: Json) -> Message | None:
    """Return Stripe's `customer.created` as the event of the same name; other types are ignored."""
    if text(payload, "type") != "customer.created":
        return None
    customer = text(payload, "data.object.id")
    created = _iso(payload, "data.object.created")
    known = {name: optional_text(payload, f"data.object.{name}", longest) for name, longest in LONGEST.items()}
    data = {"system": "stripe", "id": customer, "created_at": created}
    return Message(
        key=delivery(raw, payload),
        type="customer.created",
        subject=f"customer/{customer}",
        data=data | {name: value for name, value in known.items() if value and value.strip()},
        happened=_iso(payload, "created"),
        changing=("pending_webhooks",),  # the number of endpoints that have not answered yet
    )


def _iso(payload: Json, path: str) -> str:
    try:
        return datetime.fromtimestamp(whole_number(payload, path), UTC).isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedError(path, "is not a time in seconds") from error
