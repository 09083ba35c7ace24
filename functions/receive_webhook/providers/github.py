"""GitHub: a signature over the body alone, and pushes.

Source: "Validating webhook deliveries" and "Webhook events and payloads", GitHub Docs.
"""

import hashlib
from typing import Final

from functions.receive_webhook.model import Message
from functions.runtime.payload import Json, MalformedError, flag, text
from functions.runtime.signing import Call, Seal

SIGNATURE: Final = "X-Hub-Signature-256"


def seal(call: Call) -> Seal:
    """Return the body, which is all that is signed: not the time, nor the delivery's id."""
    scheme, _, digest = call.header(SIGNATURE).partition("=")
    try:
        signature = bytes.fromhex(digest)
    except ValueError:
        signature = b""
    if scheme != "sha256" or not signature:
        message = f"the header {SIGNATURE} is not sha256=<hexadecimal>"
        raise MalformedError(message)
    return Seal(content=call.body, signatures=(signature,))


def key(secret: str) -> bytes:
    """Return the bytes of the secret as it was typed at GitHub."""
    return secret.encode()


def delivery(call: Call, _payload: Json) -> str:
    """Return the delivery's GUID, which a redelivery repeats."""
    return call.header("X-GitHub-Delivery")


def read(call: Call, payload: Json) -> Message | None:
    """Make a push `code.pushed`.

    It is known by its body: the GUID is not signed, and a recorded call under another one would be a new event.
    """
    if call.header("X-GitHub-Event") != "push":
        return None
    repository, ref = text(payload, "repository.full_name"), text(payload, "ref")
    return Message(
        key=hashlib.sha256(call.body).hexdigest(),
        type="code.pushed",
        subject=f"repository/{repository}/{ref}",
        data={
            "system": "github",
            "repository": repository,
            "ref": ref,
            "before": text(payload, "before"),
            "after": text(payload, "after"),
            "pusher": text(payload, "pusher.name"),
            "created": flag(payload, "created"),
            "deleted": flag(payload, "deleted"),
            "forced": flag(payload, "forced"),
        },
    )
