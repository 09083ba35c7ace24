"""Decides whether a request may see the page: its host, the token in its cookie, and the token in its forms."""

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final

from werkzeug.wrappers import Request, Response

# The policy allows the style and the script of this server alone: no inline script or style, no frame, no other host.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # `no-referrer` would also set the Origin of the page's own forms to null.
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True)
class Gate:
    """The secrets of one server: `token` opens the page, `form_token` is in each of its forms."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def url(self) -> str:
        """The URL that lets a browser in."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """The name of the cookie: a browser sends cookies to all ports of a host, so each port has its own."""
        return f"herald-{self.port}"

    def is_own_host(self, request: Request) -> bool:
        """Return whether a request names this server; a name that was rebound to 127.0.0.1 does not."""
        return request.headers.get("Host") in {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}

    def has_token(self, request: Request) -> bool:
        """Return whether the URL of a request has the token."""
        return _equal(request.args.get("token"), self.token)

    def is_open(self, request: Request) -> bool:
        """Return whether a request has the cookie of the page."""
        return _equal(request.cookies.get(self.cookie), self.token)

    def is_own_form(self, request: Request) -> bool:
        """Return whether a form of this page sent a request."""
        origin = request.headers.get("Origin")
        own = origin in {None, f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}"}
        return own and _equal(request.form.get("form_token"), self.form_token)

    def let_in(self, response: Response) -> None:
        """Set the cookie; scripts cannot read it, and no request from another site carries it."""
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="Strict", path="/")


def _equal(given: str | None, expected: str) -> bool:
    return given is not None and hmac.compare_digest(given.encode(errors="replace"), expected.encode())
