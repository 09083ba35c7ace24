"""Fixtures of the tests of the local page: the real server on a deployment in memory, and a browser."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pytest
from waitress.server import create_server
from waitress.wasyncore import close_all

from herald.investigate import why
from herald.local import emulator
from herald.page.server import asked, failure_evidence, function_health, views
from herald.page.server.application import Application
from herald.page.server.gate import Gate
from herald.page.shapes import DeadLetterAnswer, Evidence
from herald.page.subject_view import evidence_key, failures
from herald.targets import lookup
from tests.browser.devtools import Browser, browser
from tests.unit.herald.page import answers
from tests.unit.herald.page.answers import HOSTILE, NOW


@dataclass(frozen=True)
class Site:
    """A served page."""

    gate: Gate

    def address(self, path: str) -> str:
        """Return the address of a view."""
        return f"http://127.0.0.1:{self.gate.port}{path}"


def evidence(_deployment: Any, answer: Any) -> dict[str, Evidence]:  # noqa: ANN401 - JSON
    """Return an input and log lines for each failure."""
    body = '{"detail": {"id": "e2", "subject": "report/a", "data": {"failures": 3, "text": "' + "word " * 60 + '"}}}'
    log = [f'{{"level": "ERROR", "message": "TimeoutError {number}", "event_id": "e2"}}' for number in range(6)]
    hostile = answer["subject"] == HOSTILE
    known = Evidence(input=HOSTILE if hostile else body, log=[HOSTILE] if hostile else log, log_group="/aws/lambda/x")
    return {evidence_key(each): known for _, each in failures(answer)}


@dataclass(frozen=True)
class DeadLetter:
    """Stands in for a dead letter."""

    fields: DeadLetterAnswer

    def describe(self) -> DeadLetterAnswer:
        """Return its fields."""
        return self.fields


class Listing:
    """Stands in for the room of dead letters."""

    Filter = dict

    @staticmethod
    def read(*_: object) -> list[DeadLetter]:
        """Return dead letters of two errors, and one with hostile texts."""
        texts = dict.fromkeys(("function", "queue", "error", "reason", "subject"), HOSTILE)
        found = [{}, {"subject": answers.LONG}, {"error": "KeyError"}, texts]
        return [DeadLetter(answers.dead_letter(**each)) for each in found]


class Deployment:
    """Stands in for a deployment: names its functions and its bucket."""

    names = MappingProxyType({"bucket.outputs": "herald-dev-outputs-1"})
    specs = MappingProxyType({f"function_{number}": None for number in range(7)})


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve the page with answers for `failed`, `hostile` and 5,000 runs."""
    known = {"failed": answers.failed_chain(), "hostile": answers.hostile_answer()}
    lines = [answers.run_line(number, time=asked.now_ms() - number) for number in range(5_000)]
    texts = dict.fromkeys(("function", "decision", "reason", "error", "correlation_id", "event_id"), HOSTILE)
    lines[3:3] = [
        answers.run_line(3, **texts | {"subject": each, "time": lines[3]["time"]}) for each in (HOSTILE, answers.LONG)
    ]
    states = [
        answers.health(function=each, state=state, dead=dead, waiting=dead * 2)
        for each, state, dead in (
            ("notify", "active", 3),
            ("archive", "paused", 0),
            ("summarise", "active", 0),
            (HOSTILE, "not deployed", 0),
        )
    ]
    monkeypatch.setattr(asked, "now_ms", lambda: NOW)
    monkeypatch.setattr(views, "now_ms", lambda: NOW)
    monkeypatch.setattr(why, "why", lambda _deployment, subject: known[subject])
    monkeypatch.setattr(failure_evidence, "collect", evidence)
    monkeypatch.setattr(function_health, "functions", lambda _deployment: states)
    monkeypatch.setattr(views, "listing", Listing)
    monkeypatch.setattr(lookup, "find", lambda _deployment, text, *_: lookup.Asked(subject=text))
    monkeypatch.setattr(views, "chain", lambda *_: None)
    gate = Gate(emulator.free_port())
    deployment: Any = Deployment()
    served = Application(deployment, gate, "local AWS, environment dev", print, lambda *_: lines)
    sockets: dict[int, Any] = {}
    server: Any = create_server(served, map=sockets, host="127.0.0.1", port=gate.port, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Site(gate)
    server.task_dispatcher.shutdown()
    server.trigger.pull_trigger(lambda: close_all(sockets))  # in the thread of the server, which ends without sockets
    thread.join(5)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser; it starts once for all tests of a module."""
    with browser(tmp_path_factory.mktemp("profile")) as made:
        yield made


@pytest.fixture
def visitor(site: Site, chromium: Browser) -> Browser:
    """Return a browser that followed the address of the page, as a person does."""
    chromium.show(1280, "light")
    chromium.open(site.gate.url)
    chromium.wait_for("location.search === '' && document.querySelector('h1')?.textContent === 'Runs'")
    return chromium
