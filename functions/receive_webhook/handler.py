"""Receives a signed webhook and emits its event."""

from http import HTTPStatus
from typing import Final

from functions.receive_webhook.model import Provider
from functions.receive_webhook.providers import generic, github, stripe
from functions.runtime.http.signatures import check_time
from functions.runtime.web import Answer, Refusal, Request, WebContext, http_entrypoint, verify

PROVIDERS: Final[dict[str, Provider]] = {"generic": generic, "github": github, "stripe": stripe}


@http_entrypoint
def handle(request: Request, web: WebContext) -> Answer:
    """Verify the signature and emit the event once. Other kinds of webhooks are ignored."""
    if request.name not in PROVIDERS:
        raise Refusal(HTTPStatus.NOT_FOUND, f"unknown provider; the providers are {', '.join(PROVIDERS)}")
    web.note(provider=request.name)
    provider, raw = PROVIDERS[request.name], request.raw
    content = verify(request, web, provider, keys="webhooks", sender=request.name)
    web.note(delivery=provider.delivery(raw, content))
    message = provider.read(raw, content)
    if message is None:
        return web.ignore()
    if message.sent is not None:
        check_time(message.sent, request.received_at, message.longest_seconds)
    return web.emit(
        message.type,
        message.data,
        subject=message.subject,
        delivery=message.key,
        happened=message.happened,
        changing=message.changing,
    )
