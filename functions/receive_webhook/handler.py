"""A signed webhook in, the event it tells of out."""

from http import HTTPStatus
from typing import Final

from functions.receive_webhook.model import Provider
from functions.receive_webhook.providers import generic, github, stripe
from functions.runtime.http.signatures import check_time
from functions.runtime.web import Answer, Refusal, Request, WebContext, http_entrypoint, verify

PROVIDERS: Final[dict[str, Provider]] = {"generic": generic, "github": github, "stripe": stripe}


@http_entrypoint
def handle(request: Request, web: WebContext) -> Answer:
    """Verify who sent it, and emit what it says once; a kind that is none of our business is ignored."""
    if request.name not in PROVIDERS:
        raise Refusal(HTTPStatus.NOT_FOUND, f"there is no such provider; there are {', '.join(PROVIDERS)}")
    web.note(provider=request.name)
    provider, call = PROVIDERS[request.name], request.raw
    content = verify(request, web, provider, keys="webhooks", sender=request.name)
    web.note(delivery=provider.delivery(call, content))
    message = provider.read(call, content)
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
