"""The signature scheme of Standard Webhooks. Libraries for senders exist.

Source: "Standard Webhooks" 1.0.0, sections "Signature scheme" and "Webhook headers". Only symmetric signatures (v1).
"""

import base64
from typing import Final

from functions.runtime.core.errors import MalformedError
from functions.runtime.http.signatures import RawRequest, SignedContent, seconds

PREFIX: Final = "whsec_"
KEY_BYTES: Final = 24  # the minimum of the specification


def signed_content(raw: RawRequest) -> SignedContent:
    """Return `<id>.<timestamp>.<body>` and every v1 signature."""
    message_id, time = raw.header("webhook-id"), raw.header("webhook-timestamp")
    if "." in message_id:
        raise MalformedError("the header webhook-id", "contains a '.', which separates the id from the time")
    pairs = [each.partition(",") for each in raw.header("webhook-signature").split()]
    try:
        signed_at = seconds(time)
    except ValueError as error:
        raise MalformedError("the header webhook-timestamp", "is not <seconds>") from error
    try:
        signatures = tuple(base64.b64decode(value, validate=True) for name, _, value in pairs if name == "v1")
    except ValueError:
        signatures = ()
    if not signatures:
        raise MalformedError("the header webhook-signature", "is not v1,<base64>")
    content = b"%s.%s.%s" % (message_id.encode(errors="surrogatepass"), time.encode(), raw.body)
    return SignedContent(content=content, signatures=signatures, signed_at=signed_at)


def key(secret: str) -> bytes:
    """Return the bytes of a `whsec_<base64>` key; ValueError when it is not base64 or too short."""
    value = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    if len(value) < KEY_BYTES:
        raise ValueError(f"a key has at least {KEY_BYTES} bytes")
    return value


def delivery(raw: RawRequest) -> str:
    """Return the message's id. It is signed, and each delivery attempt repeats it."""
    return raw.header("webhook-id")
