"""A signed webhook in, the event it tells of out."""

from http import HTTPStatus
from typing import Final

from functions.receive_webhook.model import Provider
from functions.receive_webhook.providers import generic, github, stripe
from functions.runtime.errors import Permanent, UndeclaredError
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
    key = f"{request.name}/{message.key}"
    try:
        return desk.emit(message.type, message.data, subject=message.subject, delivery=key, happened=message.happened)
    except UndeclaredError as error:  # it is the sender who names the type
        raise Permanent(str(error)) from error
