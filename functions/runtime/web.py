"""From `handle(request, web)` to a Lambda handler behind a Function URL, routed by Powertools' event handler.

Only functions with [trigger.http] import it: the event handler costs a cold start 150 ms.
"""

import traceback
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core import clock, telemetry
from functions.runtime.core.errors import HeraldError, Permanent, SettingsError
from functions.runtime.core.time_limit import time_limit
from functions.runtime.http import payload
from functions.runtime.http.context import WebContext
from functions.runtime.http.payload import Json, MalformedError
from functions.runtime.http.request import Answer, Refusal, Request, problem
from functions.runtime.http.signatures import KeysError, Scheme, check_age, is_authentic

__all__ = ["Answer", "Refusal", "Request", "WebContext", "http_entrypoint", "verify"]

ANSWER_MS: Final = 500  # what answering may take after a handler that was interrupted
AGAIN_SECONDS: Final = 30
PATH_SHOWN: Final = 200

type RequestHandler = Callable[[Request, WebContext], Answer]


def http_entrypoint(handle: RequestHandler) -> Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]:
    """Make `handle(request, web)` the Lambda handler of a function with [trigger.http]; it gets POST /<name>.

    What it raises becomes an answer: Refusal its own, MalformedError 400, Permanent 422, and anything else 503, so that
    the sender sends again what may yet be handled.
    """
    # Its debug mode prints whole requests, and an environment variable would turn it on.
    app = LambdaFunctionUrlResolver(debug=False)

    @app.post("/<name>")
    def post(name: str) -> Response[str]:
        web: WebContext = app.context["web"]
        return _response(_answer(handle, name, app.current_event.raw_event, web, app.lambda_context))

    @app.not_found
    def elsewhere(_error: NotFoundError) -> Response[str]:
        if app.current_event.http_method != "POST":
            return _response(problem(HTTPStatus.METHOD_NOT_ALLOWED, "only POST is answered", {"Allow": "POST"}))
        return _response(problem(HTTPStatus.NOT_FOUND, "there is nothing at this path"))

    @wraps(handle)
    def on_request(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        started, web = clock.now_ms(), WebContext(context)
        app.append_context(web=web)  # type: ignore[no-untyped-call] # Powertools left it so
        try:
            with telemetry.span(request_id=context.aws_request_id):
                response = app.resolve(event, context)
            _tell(event, response["statusCode"], web, started)
        finally:
            telemetry.flush_metrics()
        return response

    return on_request


def verify(request: Request, web: WebContext, scheme: Scheme, *, keys: str, sender: str) -> Json:
    """Return the JSON of a request that one of the sender's keys signed, within minutes where the scheme tells when.

    `keys` is the secret that holds them, as [secrets] names it. Refusal when none has signed, MalformedError when
    headers or body are not what they should be; nothing is read of a body before its signature is known to be good.
    """
    call = request.raw
    signed_content = scheme.signed_content(call)
    try:
        authentic = is_authentic(signed_content, web.secrets(keys), sender, scheme.key)
    except KeysError as error:
        raise SettingsError(str(error)) from error
    if not authentic:
        raise Refusal(HTTPStatus.FORBIDDEN, "the signature does not match")
    check_age(signed_content, request.received_at)
    content = payload.parse(request.body)
    web.signed_by(sender, content)
    return content


def _answer(
    handle: RequestHandler, name: str, event: Mapping[str, Any], web: WebContext, context: LambdaContext
) -> Answer:
    """Let the handler answer in time; whatever it raises is an answer too."""
    try:
        with time_limit((context.get_remaining_time_in_millis() - ANSWER_MS) / 1_000):
            return handle(Request.of(name, event), web)
    except Refusal as refusal:
        web.note(reason=str(refusal))
        return refusal.answer
    except MalformedError as error:
        web.note(reason=str(error))
        return problem(HTTPStatus.BAD_REQUEST, str(error))
    except Permanent as error:
        # Its words may quote the body: they are the sender's to read, and not the log's.
        web.note(error=type(error).__name__)
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    except Exception as error:  # noqa: BLE001 - nothing the handler raises gets out
        # The runtime's own errors quote nothing of a request; the words of others may.
        said = {"reason": str(error)} if isinstance(error, HeraldError) else {"where": _place(error)}
        web.note(error=type(error).__name__, **said)
        headers = {"Retry-After": str(AGAIN_SECONDS)}
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "it could not be handled; send it again later", headers)


def _place(error: Exception) -> str:
    """Return where an error was raised."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"


def _response(answer: Answer) -> Response[str]:
    kind = answer.content_type if answer.body is not None else None
    return Response(answer.status, content_type=kind, body=answer.text, headers=dict(answer.headers))


def _tell(event: Mapping[str, Any], status: int, web: WebContext, started: int) -> None:
    keys = {"method": event["requestContext"]["http"]["method"], "path": event["rawPath"][:PATH_SHOWN]}
    telemetry.log_request(keys | web.log_keys, status, clock.now_ms() - started)
