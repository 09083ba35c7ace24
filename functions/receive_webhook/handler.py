"""A signed webhook in, the event it tells of out."""

from http import HTTPStatus
from typing import Final

from functions.receive_webhook.model import Provider
from functions.receive_webhook.providers import generic, github, stripe
from functions.runtime.http.signatures import check_time
from functions.runtime.web import Answer, Desk, Refusal, Request, http_entrypoint, opened

PROVIDERS: Final[dict[str, Provider]] = {"generic": generic, "github": github, "stripe": stripe}


@http_entrypoint
def handle(request: Request, desk: Desk) -> Answer:
    """Verify who sent it, and emit what it says once; a kind that is none of our business is ignored."""
    if request.name not in PROVIDERS:
        raise Refusal(HTTPStatus.NOT_FOUND, f"there is no such provider; there are {', '.join(PROVIDERS)}")
    desk.note(provider=request.name)
    provider, call = PROVIDERS[request.name], request.call
    content = opened(request, desk, provider, keys="webhooks", sender=request.name)
    desk.note(delivery=provider.delivery(call, content))
    message = provider.read(call, content)
    if message is None:
        return desk.ignore()
    if message.sent is not None:
        check_time(message.sent, request.received_at, message.longest_seconds)
    return desk.emit(
        message.type,
        message.data,
        subject=message.subject,
        delivery=message.key,
        happened=message.happened,
        changing=message.changing,
    )
