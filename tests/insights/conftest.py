"""The log of an environment: every decision, written by the runtime on a stage."""

import json
import logging
from collections.abc import Callable
from typing import Any, Final

import pytest

from functions.runtime import Event, Permanent, Run, Transient
from functions.runtime.batch.carried import ATTRIBUTE
from tests.events import body, cloud_event, object_created
from tests.insights.log_events import REPORT, discovered
from tests.stage import Stage, install

type Events = list[dict[str, Any]]
type Logs = Callable[..., Events]

CAUSE: Final = {
    "correlationid": "root",
    "causationid": "cause",
    "causationsubject": "cart/1",
    "causationfunction": "check_out",
}
REPLAYED: Final = {ATTRIBUTE: {"stringValue": json.dumps({"replay": "replay-1", "anew": True})}}
DURATION_MS: Final = 250
TRACE: Final = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"  # as Lambda sets it in a traced function


def event(name: str, sequence: str = "1", **fields: Any) -> str:  # noqa: ANN401 - attributes of CloudEvents
    """Return an event with this id and a subject of its own."""
    return body(cloud_event(**({"id": name, "subject": f"order/{name}", "sequence": sequence} | fields)))


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Logs:
    """Return a function that delivers each batch of messages to a function and returns the events of its log group."""

    def written(function: str, *batches: list[str], replayed: str = "", **settings: str) -> Events:
        def handle(event: Event, run: Run) -> None:
            stage.now += DURATION_MS
            if "rejected" in event.subject:
                raise Permanent("the order has no lines")
            if "retried" in event.subject:
                raise Transient("the shop does not answer")
            run.log.info("the order is complete")
            run.emit("order.shipped", {}, subject=event.subject)

        stage = install(Stage(handle), monkeypatch, FUNCTION=function, **settings)
        logging.Logger.manager.loggerDict.pop(function, None)
        monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
        capsys.readouterr()
        for batch in batches:
            stage.send(*batch)
            stage.drain()
        if replayed:
            stage.send(replayed, attributes=REPLAYED)
            stage.drain()
        return list(discovered([*capsys.readouterr().out.splitlines(), REPORT], function))

    return written


@pytest.fixture
def log(logs: Logs) -> Events:
    """Return the log events of three functions: one without an order, one with it, and one with a maximum age."""
    first = [event("one", **CAUSE), event("rejected"), event("rejected-too"), event("retried")]
    folder = body(object_created("reports/", size=0))
    return [
        *logs("ship", [*first, folder], [event("one", **CAUSE)], replayed=event("one", **CAUSE), MAX_ATTEMPTS="2"),
        *logs("count", [event("new", "2", subject="order/2")], [event("old", "1", subject="order/2")], ORDER="newest"),
        *logs("alert", [event("ancient", time="2020-01-01T00:00:00Z"), "not an event"], MAX_AGE_SECONDS="60"),
    ]
