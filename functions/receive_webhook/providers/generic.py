"""Any other sender, such as a CRM: Standard Webhooks signatures, and bodies with type, subject and data."""

from functions.receive_webhook.model import Message
from functions.runtime.core.json_values import Json, moment, optional_text, table, text
from functions.runtime.http import standard_webhooks
from functions.runtime.http.signatures import RawRequest
from functions.runtime.http.standard_webhooks import key, signed_content

__all__ = ["delivery", "key", "read", "signed_content"]


def delivery(raw: RawRequest, _payload: Json) -> str:
    """Return the message's id. It is signed, and each delivery attempt repeats it."""
    return standard_webhooks.delivery(raw)


def read(raw: RawRequest, payload: Json) -> Message | None:
    """Return type, subject and data unchanged. [trigger.http.senders] limits the types and subjects of the key."""
    return Message(
        key=standard_webhooks.delivery(raw),
        type=text(payload, "type"),
        subject=text(payload, "subject"),
        data=table(payload, "data"),
        happened=moment(payload, "timestamp") if optional_text(payload, "timestamp") else None,
    )
