"""The WSGI application of the local page: checks each request, finds its view, and answers with a page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.markup import asset, tag, together, void
from herald.page import frame
from herald.page.pieces import isolated
from herald.page.server import list_view, redrive_view, run_source, views
from herald.page.server.asked import Asked, View
from herald.page.server.gate import HEADERS, Gate
from herald.progress import Progress
from infra.declarations.spec import SpecError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FORM_BYTES: Final = 64_000
VIEWS: Final[Mapping[str, Callable[[Asked], View]]] = {
    "/": list_view.runs,
    "/subject": views.subject,
    "/trace": views.trace,
    "/dead-letters": views.dead_letters,
    "/functions": views.functions,
}
REDRIVE: Final = "/redrive"
READING: Final = frozenset({"GET", "HEAD"})
STATIC: Final = {"/style.css": "text/css", "/live.js": "text/javascript"}
LET_IN: Final = "Open the page again with the address that `herald local open` printed."


@dataclass(frozen=True)
class Application:
    """The page of one deployment; `where` names it, `audit` receives a line for each redrive."""

    deployment: Deployment
    gate: Gate
    where: str
    audit: Progress
    source: run_source.Source = run_source.of_index

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = FORM_BYTES
        response = self._answer(request)
        response.headers.extend(HEADERS)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if not self.gate.is_own_host(request):
            return self._failed(HTTPStatus.MISDIRECTED_REQUEST, "This server answers only on its own address.")
        if request.path in STATIC and request.method in READING:
            content = frame.style() if request.path == "/style.css" else asset("page/server/live.js")
            return Response(content, mimetype=STATIC[request.path])
        if request.path == "/" and self.gate.has_token(request):
            return self._let_in()
        if not self.gate.is_open(request):
            return self._failed(HTTPStatus.FORBIDDEN, LET_IN)
        return self._refused(request) or self._page(request)

    def _let_in(self) -> Response:
        """Set the cookie, and let the page go on by itself.

        A browser does not send a strict cookie after a redirect if a link of another site began the request.
        """
        content = tag("p", "Go on to ", tag("a", "the list of runs", href="/"), ".")
        go_on = void("meta", http_equiv="refresh", content="0; url=/")
        response = Response(frame.document("Welcome", content, where=self.where, head=go_on), mimetype="text/html")
        self.gate.let_in(response)
        return response

    def _refused(self, request: Request) -> Response | None:
        """Return the answer to an unknown path or a method that the path does not allow; None: both are allowed."""
        if request.path not in {*VIEWS, *STATIC, REDRIVE}:
            return self._failed(HTTPStatus.NOT_FOUND, f"There is no page {request.path}.")
        allowed = READING | ({"POST"} if request.path == REDRIVE else set())
        if request.method in allowed:
            return None
        response = self._failed(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.path} does not allow {request.method}.")
        response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    def _page(self, request: Request) -> Response:
        try:
            view = self._redrive(request) if request.path == REDRIVE else VIEWS[request.path](self._asked(request))
        except PermissionError as error:
            return self._failed(HTTPStatus.FORBIDDEN, str(error))
        except HTTPException as error:
            return self._failed(HTTPStatus(error.code or HTTPStatus.BAD_REQUEST), str(error.description))
        except (CommandError, SpecError) as error:
            return self._failed(HTTPStatus.BAD_REQUEST, str(error), request.path)
        except (BotoCoreError, ClientError) as error:
            return self._failed(HTTPStatus.BAD_GATEWAY, str(error), request.path)
        page = frame.document(view.title, view.content, where=self.where, here=request.path, head=view.head)
        return Response(page, mimetype="text/html")

    def _redrive(self, request: Request) -> View:
        if request.method != "POST":
            return redrive_view.confirmation(self._asked(request), self.gate.form_token)
        if not self.gate.is_own_form(request):
            raise PermissionError("The form is not from this page: open the redrive again and confirm it.")
        asked = Asked(deployment=self.deployment, query=request.form.to_dict(), source=self.source)
        view = redrive_view.result(asked)
        chosen = (f"{name} {asked.text(name)}" for name in redrive_view.CHOICES if asked.text(name))
        self.audit(f"{view.title}: {', '.join(chosen)}")
        return view

    def _asked(self, request: Request) -> Asked:
        return Asked(deployment=self.deployment, query=request.args.to_dict(), source=self.source)

    def _failed(self, status: HTTPStatus, fault: str, path: str = "") -> Response:
        """Return an error as a page that names the fault and where it happened."""
        where = [tag("p", "Where: ", tag("code", path), f" on {self.where}.")] if path else []
        notice = tag("div", *(tag("p", isolated(line)) for line in fault.splitlines()), *where, class_="notice fault")
        title = "This page cannot be shown"
        page = frame.document(title, together(tag("h1", title), notice), where=self.where)
        return Response(page, status=status, mimetype="text/html")
