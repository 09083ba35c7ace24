"""Handlers of requests, and a request."""

from collections.abc import Callable, Mapping
from typing import Any

from functions.runtime.web import Answer, Request, WebContext, http_entrypoint
from tests.webhooks import request


@http_entrypoint
def emits(request: Request, web: WebContext) -> Answer:
    """Emit an event for each request, which says itself which delivery it is; `verify` would tell whose key signed."""
    web.signed_by(request.headers.get("sender", "generic"), {"body": request.body.decode()})
    data = {"of": request.name}
    return web.emit("customer.created", data, subject="s", delivery=request.headers["delivery"])


def raises(error: Exception) -> Callable[[Mapping[str, Any], Any], dict[str, Any]]:
    """Return a handler that fails."""

    @http_entrypoint
    def fails(_request: Request, _web: WebContext) -> Answer:
        raise error

    return fails


def call(delivery: str = "1", path: str = "/a", content: bytes = b"{}", **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as request's
    """Return a request that names its delivery."""
    return request(path, {"delivery": delivery}, content, **options)
