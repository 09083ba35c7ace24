"""The entrypoint of functions with [trigger.http]: it turns `handle(request, web)` into a Lambda handler.

Powertools' event handler does the routing. It adds 150 ms to a cold start, so only these functions import this module.
"""

from collections.abc import Callable, Mapping
from functools import update_wrapper
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core import clock, telemetry
from functions.runtime.core.errors import HeraldError, MalformedError, Permanent, SettingsError
from functions.runtime.core.json_values import Json
from functions.runtime.core.time_limit import time_limit
from functions.runtime.http import payload
from functions.runtime.http.context import WebContext
from functions.runtime.http.request import Answer, Refusal, Request, problem
from functions.runtime.http.request_log import record_request
from functions.runtime.http.signatures import KeysError, Scheme, check_age, is_authentic

__all__ = ["Answer", "Refusal", "Request", "WebContext", "http_entrypoint", "verify"]

ANSWER_MS: Final = 500  # time to answer after a handler was interrupted
RETRY_AFTER_SECONDS: Final = 30
PATH_SHOWN: Final = 200
TRACED: Final = ("event_id", "correlation_id")

type RequestHandler = Callable[[Request, WebContext], Answer]


class HttpHandler:
    """A Lambda handler for the requests of a Function URL; `handler` is the undecorated function."""

    def __init__(self, handler: RequestHandler) -> None:
        """Route POST /<name> to `handle(request, web)`."""
        self.handler: Final = handler
        self._app = _app(handler)
        update_wrapper(self, handler)

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer one request and write its log line."""
        started, web = clock.now_ms(), WebContext(context)
        telemetry.begin_invocation(context)
        self._app.append_context(web=web)  # type: ignore[no-untyped-call] # Powertools does not type it
        try:
            with telemetry.span() as span:
                response = self._app.resolve(event, context)
                span.annotate(**{name: web.log_keys[name] for name in TRACED if name in web.log_keys})
            _record(event, response["statusCode"], web, started)
        finally:
            telemetry.metrics().flush()
        return response


def http_entrypoint(handle: RequestHandler) -> HttpHandler:
    """Make `handle(request, web)` the Lambda handler of a function with [trigger.http].

    The errors that it raises become answers: Refusal has its own status, MalformedError is 400, Permanent is 422. Any
    other error is 503, so that the sender sends the request again.
    """
    return HttpHandler(handle)


def _app(handle: RequestHandler) -> LambdaFunctionUrlResolver:
    # The debug mode prints whole requests. An environment variable could enable it, so it is set here.
    app = LambdaFunctionUrlResolver(debug=False)

    @app.post("/<name>")
    def post(name: str) -> Response[str]:
        web: WebContext = app.context["web"]
        return _response(_answer(handle, name, app.current_event.raw_event, web, app.lambda_context))

    @app.not_found
    def not_found(_error: NotFoundError) -> Response[str]:
        if app.current_event.http_method != "POST":
            return _response(problem(HTTPStatus.METHOD_NOT_ALLOWED, "only POST is allowed", {"Allow": "POST"}))
        return _response(problem(HTTPStatus.NOT_FOUND, "the path does not exist"))

    return app


def verify(request: Request, web: WebContext, scheme: Scheme, *, keys: str, sender: str) -> Json:
    """Return the JSON of a request after checking its signature and, if the scheme signs a time, its age.

    `keys` is the name of the secret in [secrets] that holds the sender's keys. Refusal when no key made the signature;
    MalformedError when a header or the body is malformed. The body is not parsed before its signature is verified.
    """
    signed_content = scheme.signed_content(request.raw)
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
    """Return the handler's answer, or the answer for the error that it raises."""
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
        # The message may quote the body: the sender may read it, but the log must not contain it.
        web.note(error=type(error).__name__)
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    except Exception as error:  # noqa: BLE001 - every error of a handler becomes an answer
        # The runtime's own errors never quote a request; the messages of other errors may.
        cause = {"reason": str(error)} if isinstance(error, HeraldError) else {"where": telemetry.place(error)}
        web.note(error=type(error).__name__, **cause)
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the request could not be handled; send it again later", headers)


def _response(answer: Answer) -> Response[str]:
    """Return the response of each answer; Lambda itself answers 429."""
    content_type = answer.content_type if answer.body is not None else None
    return Response(answer.status, content_type=content_type, body=answer.text, headers=dict(answer.headers))


def _record(event: Mapping[str, Any], status: int, web: WebContext, started: int) -> None:
    keys = {"method": event["requestContext"]["http"]["method"], "path": event["rawPath"][:PATH_SHOWN]}
    record_request(keys | web.log_keys, status, clock.now_ms() - started)
