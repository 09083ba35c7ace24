"""Anybody else, such as a CRM: the scheme of Standard Webhooks, and bodies that already say it in our words."""

from functions.receive_webhook.model import Message
from functions.runtime.http import standard_webhooks
from functions.runtime.http.payload import Json, moment, optional_text, table, text
from functions.runtime.http.signatures import RawRequest
from functions.runtime.http.standard_webhooks import key, signed_content

__all__ = ["delivery", "key", "read", "signed_content"]


def delivery(raw: RawRequest, _payload: Json) -> str:
    """Return the message's id, which is signed, and which every attempt to deliver it repeats."""
    return standard_webhooks.delivery(raw)


def read(raw: RawRequest, payload: Json) -> Message | None:
    """Take type, subject and data as they are; the function's declaration says which of them its key may name."""
    return Message(
        key=standard_webhooks.delivery(raw),
        type=text(payload, "type"),
        subject=text(payload, "subject"),
        data=table(payload, "data"),
        happened=moment(payload, "timestamp") if optional_text(payload, "timestamp") else None,
    )
