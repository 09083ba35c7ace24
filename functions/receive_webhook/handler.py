"""A signed webhook in, the event it tells of out."""

from http import HTTPStatus
from typing import Final

from functions.receive_webhook.logic import KeysError, check_age, is_authentic, payload
from functions.receive_webhook.model import Call, MalformedError, Message, Provider
from functions.receive_webhook.providers import generic, github, stripe
from functions.runtime.errors import SettingsError
from functions.runtime.web import Answer, Desk, Refusal, Request, http_entrypoint

PROVIDERS: Final[dict[str, Provider]] = {"generic": generic, "github": github, "stripe": stripe}


@http_entrypoint
def handle(request: Request, desk: Desk) -> Answer:
    """Verify who sent it, and emit what it says once; a kind that is none of our business is ignored."""
    if request.name not in PROVIDERS:
        raise Refusal(HTTPStatus.NOT_FOUND, f"there is no such provider; there are {', '.join(PROVIDERS)}")
    desk.note(provider=request.name)
    try:
        message = _message(PROVIDERS[request.name], request, desk)
    except MalformedError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, str(error)) from error
    except KeysError as error:
        raise SettingsError(str(error)) from error
    if message is None:
        return desk.ignore()
    if message.type not in desk.emits:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"type must be one of {', '.join(desk.emits)}")
    key = f"{request.name}/{message.key}"
    return desk.emit(message.type, message.data, subject=message.subject, delivery=key, happened=message.happened)


def _message(provider: Provider, request: Request, desk: Desk) -> Message | None:
    call = Call(headers=request.headers, body=request.body)
    seal = provider.seal(call)
    if not is_authentic(seal, desk.secrets("webhooks"), request.name, provider.key):
        raise Refusal(HTTPStatus.FORBIDDEN, "the signature does not match")
    check_age(seal, request.received_at)
    content = payload(call)
    desk.note(delivery=provider.delivery(call, content))
    return provider.read(call, content)
