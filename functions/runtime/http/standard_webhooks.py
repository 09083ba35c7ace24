"""The scheme of Standard Webhooks, for which senders have libraries.

Source: "Standard Webhooks" 1.0.0, sections "Signature scheme" and "Webhook headers". Symmetric signatures (v1) alone.
"""

import base64
from typing import Final

from functions.runtime.http.payload import MalformedError
from functions.runtime.http.signatures import Call, Seal, seconds

PREFIX: Final = "whsec_"
KEY_BYTES: Final = 24  # the least that the specification allows


def seal(call: Call) -> Seal:
    """Return `<id>.<timestamp>.<body>` and every v1 signature."""
    message_id, time = call.header("webhook-id"), call.header("webhook-timestamp")
    if "." in message_id:
        message = "the header webhook-id must not hold a '.': the signature would not tell it from the time"
        raise MalformedError(message)
    pairs = [each.partition(",") for each in call.header("webhook-signature").split()]
    try:
        signed_at = seconds(time)
        signatures = tuple(base64.b64decode(value, validate=True) for name, _, value in pairs if name == "v1")
    except ValueError:
        signatures = ()
    if not signatures:
        message = "the header webhook-timestamp is not <seconds>, or webhook-signature not v1,<base64>"
        raise MalformedError(message)
    content = b"%s.%s.%s" % (message_id.encode(errors="surrogatepass"), time.encode(), call.body)
    return Seal(content=content, signatures=signatures, signed_at=signed_at)


def key(secret: str) -> bytes:
    """Return the bytes that a `whsec_<base64>` stands for; ValueError when they are none, or too few."""
    value = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    if len(value) < KEY_BYTES:
        message = f"a key has at least {KEY_BYTES} bytes"
        raise ValueError(message)
    return value


def delivery(call: Call) -> str:
    """Return the message's id, which is signed, and which every attempt to deliver it repeats."""
    return call.header("webhook-id")
