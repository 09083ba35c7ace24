"""The local page lets in the browser of its user, and no other page or program."""

import pytest

from herald.page.server.application import VIEWS
from tests.unit.herald.page.reading import Page
from tests.unit.herald.page.served import HOST, PORT, Visitor


@pytest.mark.parametrize("path", [*VIEWS, "/redrive", "/live"])
def test_without_the_cookie_nothing_is_shown(visitor: Visitor, path: str) -> None:
    """The answer is the same for all paths, and says how to get in."""
    answer = visitor.outside.get(path, headers={"Host": HOST})
    assert answer.status_code == 403
    assert "herald local open" in answer.text


@pytest.mark.parametrize("token", ["", "x", "é", "0" * 43])
def test_a_wrong_token_opens_nothing(visitor: Visitor, token: str) -> None:
    """Neither in the URL nor in the cookie."""
    answer = visitor.outside.get("/", query_string={"token": token}, headers={"Host": HOST})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    visitor.outside.set_cookie(visitor.gate.cookie, token, domain="127.0.0.1")
    assert visitor.outside.get("/functions", headers={"Host": HOST}).status_code == 403


def test_the_token_becomes_a_cookie_of_this_server_alone(visitor: Visitor) -> None:
    """Scripts cannot read it, other sites cannot send it, and its name has the port."""
    answer = visitor.outside.get("/", query_string={"token": visitor.gate.token}, headers={"Host": HOST})
    cookie = answer.headers["Set-Cookie"]
    assert answer.status_code == 200
    assert cookie.startswith(f"herald-{PORT}={visitor.gate.token};")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=Strict"}
    assert visitor.gate.token not in answer.text
    assert ("meta", {"http-equiv": "refresh", "content": "0; url=/"}) in Page(answer.text).elements


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1.evil.example:{PORT}"]
)
def test_another_host_name_is_refused(visitor: Visitor, host: str) -> None:
    """A foreign name that resolves to 127.0.0.1 reads nothing, even with the cookie (DNS rebinding)."""
    visitor.client.set_cookie(visitor.gate.cookie, visitor.gate.token, domain=host.partition(":")[0])
    for path in ("/", "/style.css", f"/?token={visitor.gate.token}"):
        assert visitor.client.get(path, headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("path", ["/", "/functions", "/missing", "/style.css", "/live.js"])
def test_each_answer_forbids_scripts_frames_and_caches(visitor: Visitor, path: str) -> None:
    """And allows no other origin."""
    headers = visitor.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not [name for name in headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118 - iterating yields pairs


@pytest.mark.parametrize("form_token", [None, "", "x"])
def test_a_form_without_the_token_changes_nothing(visitor: Visitor, form_token: str | None) -> None:
    """Another site could send it."""
    answer = visitor.post("/redrive", function="book", form_token=form_token)
    assert (answer.status_code, visitor.audited) == (403, [])


def test_a_form_of_another_origin_is_refused(visitor: Visitor) -> None:
    """Even if it knows the token."""
    headers = {"Host": HOST, "Origin": "https://evil.example"}
    form = {"function": "book", "form_token": visitor.gate.form_token}
    assert visitor.client.post("/redrive", data=form, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", "/", "GET, HEAD"), ("DELETE", "/redrive", "GET, HEAD, POST"), ("PUT", "/subject", "GET, HEAD")],
)
def test_other_methods_are_refused(visitor: Visitor, method: str, path: str, allowed: str) -> None:
    """The answer names the methods that the path allows."""
    answer = visitor.client.open(path, method=method, headers={"Host": HOST})
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_a_large_form_is_refused(visitor: Visitor) -> None:
    """Before it is read."""
    assert visitor.post("/redrive", function="b" * 100_000).status_code == 413


def test_the_secrets_are_in_no_text_of_the_gate(visitor: Visitor) -> None:
    """A traceback or a log would show it."""
    assert visitor.gate.token not in repr(visitor.application)
    assert visitor.gate.form_token not in repr(visitor.gate)
