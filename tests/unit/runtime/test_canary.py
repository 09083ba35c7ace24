"""No payload and no secret leaves a function in its logs, metrics, traces, ledger rows or dead letters' reasons.

These places hold the payload on purpose: the body of a message and of a dead letter, with which a redrive runs it
again; the journal, for replays; emitted events and written objects, which are a function's results; and the attributes
`state` and `kept` of the ledger, which a handler fills. The tests do not search them.
"""

import io
import itertools
import json
import logging
from dataclasses import dataclass
from typing import Any, Final

import pytest

from functions.runtime import Event, Run, journal
from functions.runtime.core import aws
from functions.runtime.http import secret_store
from tests.events import body, cloud_event, iot_message, object_created
from tests.front import Front, front
from tests.stage import Stage, install, on, throttled
from tests.traces import Traces, record
from tests.unit.runtime.canary import FAILURES, MARK, answers, encoded, handle, traces_of
from tests.webhooks import generic, request

__all__ = ["front"]

HELD: Final = frozenset({"state", "kept"})  # attributes of rows that hold what a handler gave them
COUNT: Final = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings of a handler."""

    token: int


class Objects:
    """S3 with one object: its content, encoding and metadata are marked."""

    def __init__(self, encoding: str = "") -> None:
        """Return the object with this Content-Encoding."""
        self.encoding = encoding

    def get_object(self, **_call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Return the object."""
        metadata = {"note": f"{MARK}-metadata", "depth": f"{MARK}-depth", "correlationid": "c"}
        content = f'{{"a": {MARK}-content'.encode()
        return {"Body": io.BytesIO(content), "Metadata": metadata, "ContentEncoding": self.encoding, "ContentLength": 9}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage that logs all levels; its settings look like secrets."""
    settings = json.dumps({"token": f"{MARK}-setting"})
    made = install(Stage(handle), monkeypatch, SETTINGS=settings, MAX_AGE_SECONDS="9999999", MAX_ATTEMPTS="2")
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    monkeypatch.setattr(aws, "s3", Objects)
    return made


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> Traces:
    """Return the traces of all invocations."""
    return record(monkeypatch)


def marked(do: str, **fields: Any) -> str:  # noqa: ANN401 - attributes of CloudEvents
    """Return the body of an event with a marked value."""
    return body(cloud_event(subject=f"thing/{next(COUNT)}", data={"do": do, "value": f"{MARK}-value"}, **fields))


def leaks(stage: Stage, traces: Traces, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the marked values in everything that was written, except where the payload is on purpose."""
    printed = capsys.readouterr()
    rows = [{name: value for name, value in row.items() if name not in HELD} for row in stage.rows()]
    attributes = [letter.attributes for letter in stage.dead]
    assert printed.out
    return traces_of(json.dumps([printed.out, printed.err, traces.documents, attributes]) + str(rows))


@pytest.mark.parametrize("do", FAILURES)
def test_a_failing_handler_leaks_nothing(
    stage: Stage, traces: Traces, capsys: pytest.CaptureFixture[str], do: str
) -> None:
    """The texts of exceptions quote their input; the reason has the class and the place instead."""
    stage.send(marked(do))
    stage.drain()
    assert stage.decisions()[0] in {"dead", "rejected"}
    assert leaks(stage, traces, capsys) == []


def test_every_decision_leaks_nothing(stage: Stage, traces: Traces, capsys: pytest.CaptureFixture[str]) -> None:
    """Processed, duplicate, rejected, late, ignored, retrying and dead, with marks in all fields that are not ids."""
    again = marked("keep")
    stage.send(again, again, marked("keep"), marked("keep", time="2020-01-01T00:00:00Z"))
    stage.send(body(object_created("folder/", size=0)), marked("keep", id="same"), marked("key", id="same"))
    stage.drain()
    stage.send(again, marked("keep", authorization=f"Bearer {MARK}", dataschema=f"herald:{MARK}"))
    stage.send(f'{{"detail": {MARK}', f'["{MARK}"]', json.dumps(MARK), marked("keep", specversion=MARK))
    stage.send(body(iot_message(MARK.encode())), body(iot_message(b"") | {"payload": f"{MARK}!"}))
    stage.send(marked("keep", sequence={MARK: MARK}), marked("keep", depth=MARK), marked("bad state"))
    stage.drain()
    assert set(stage.decisions()) == {"processed", "late", "ignored", "rejected", "dead"}
    assert leaks(stage, traces, capsys) == []


def test_a_stale_event_leaks_nothing(
    stage: Stage, traces: Traces, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an order, an older event does not run after a newer one; the state is where a handler puts it."""
    monkeypatch.setenv("HERALD_ORDER", "newest")

    def keep(event: Event, run: Run) -> None:
        run.state["value"] = event.data["value"]

    stage.handle = keep
    for number in ("2", "1"):
        data = {"value": f"{MARK}-value"}
        stage.send(body(cloud_event(subject="thing/0", sequence=number, data=data)))
        stage.drain()
    assert sorted(stage.decisions()) == ["processed", "stale"]
    assert leaks(stage, traces, capsys) == []


@pytest.mark.parametrize("encoding", ["", "gzip", f"{MARK}-encoding"])
def test_an_object_leaks_nothing(
    stage: Stage, traces: Traces, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Its content is parsed by a handler that fails, or cannot be read; its metadata are marked too."""
    monkeypatch.setattr(aws, "s3", lambda: Objects(encoding))
    stage.handle = lambda event, run: json.loads(run.read(event))["a"] or int(run.read(event))
    stage.send(body(object_created()))
    stage.drain()
    assert stage.decisions()[0] in {"dead", "rejected"}
    assert leaks(stage, traces, capsys) == []


@pytest.mark.parametrize("call", ["statements", "dead-letter", "emit", "put back"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_failing_service_leaks_nothing(
    stage: Stage, traces: Traces, capsys: pytest.CaptureFixture[str], call: str, when: str
) -> None:
    """AWS throttles a call, or it fails with an error that quotes the request."""
    for error in (throttled(), ValueError(f"{MARK}-request")):
        stage.fail = on(call, when, error)
        stage.send(marked("keep"), marked("number"))
        stage.drain()
    assert leaks(stage, traces, capsys) == []


def test_a_setting_that_does_not_fit_is_not_quoted(
    stage: Stage, traces: Traces, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings are in the template, but a value that looks like a secret is not logged."""
    stage.handle = lambda _event, run: run.settings(Limits)
    stage.send(marked("keep"))
    stage.drain()
    assert leaks(stage, traces, capsys) == []


@pytest.mark.parametrize("name", ["a", "ignored", *FAILURES])
def test_a_request_leaks_nothing(
    front: Front, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Signed or not, with a marked Authorization header, signature, query and secret."""
    traces = record(monkeypatch)
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    headers = {"authorization": f"Bearer {MARK}", "webhook-id": "1", "cookie": f"session={MARK}"}
    signatures = {f"v1,{encoded(MARK)}", "v1,eA==", MARK}
    for content in (f'{{"value": "{MARK}"}}', f'{{"value": {MARK}', f'["{MARK}"]'):
        signed = headers | generic(content.encode())
        for given in (signed, headers, *(signed | {"webhook-signature": each} for each in signatures)):
            event = request(f"/{name}", given, content.encode()) | {"rawQueryString": f"token={MARK}"}
            assert answers(event, front.context)["statusCode"] < 600
    for secret in (json.dumps({"generic": [f"whsec_{MARK}"]}), f"{MARK} is not JSON"):
        front.put_secret(secret)
        secret_store.secrets.cache_clear()
        answers(request(f"/{name}", signed, content.encode()), front.context)
    printed = capsys.readouterr()
    assert '"status":' in printed.out
    assert traces_of(printed.out + printed.err + str(traces.documents) + str(front.world.rows())) == []


def test_the_journal_logs_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It keeps the event in its object, and a message that is not an event in the queue."""
    kept: list[Any] = []
    client: Any = type("S3", (), {"put_object": staticmethod(lambda **call: kept.append(call))})
    monkeypatch.setattr(aws, "s3", lambda: client)
    monkeypatch.setenv("HERALD_BUCKET_JOURNAL", "journal")
    bodies = [marked("keep"), f'{{"time": {MARK}', json.dumps({"time": MARK}), body(object_created())]
    records = [{"messageId": f"m{place}", "body": each} for place, each in enumerate(bodies)]
    context: Any = None
    assert len(journal.keep({"Records": records}, context)["batchItemFailures"]) == 2
    printed = capsys.readouterr()
    assert MARK in str(kept)
    assert traces_of(printed.out + printed.err + str([call["Key"] for call in kept])) == []


def test_a_leak_would_be_found(stage: Stage, traces: Traces, capsys: pytest.CaptureFixture[str]) -> None:
    """A handler that logs its payload is found."""
    stage.handle = lambda event, run: run.log.info("received", value=event.data["value"])
    stage.send(marked("keep"))
    stage.drain()
    assert len(leaks(stage, traces, capsys)) == 1
