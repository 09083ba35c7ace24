"""The keys of log lines, debug sampling, and the metrics of an invocation."""

import json
import logging
from typing import Any, Final

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.core import telemetry
from tests.events import body, cloud_event
from tests.stage import Stage, install
from tests.traces import HEADER, TRACE_ID

IDS: Final = ("event_id", "event_type", "subject", "correlation_id", "causation_id", "function", "attempt")
LINE: Final = frozenset(
    {
        *("level", "location", "message", "timestamp", "service", "function", "environment", "cold_start"),
        *("function_request_id", "xray_trace_id", "subject", "message_id", "event_id", "event_type", "correlation_id"),
        *("causation_id", "decision", "decision_reason", "attempt", "lag_ms", "duration_ms"),
        *("effects", "effects_count"),
    }
)


def handle(event: Event, run: Run) -> None:
    """Log a line, with a key that is appended for good, and emit events."""
    run.log.append_keys(customer=event.subject)
    run.log.thread_safe_append_keys(thread="main")
    run.log.debug("detail")
    run.log.info("seen")
    for number in range(event.data.get("events", 0)):
        run.emit("thing.seen", {}, subject=f"part/{number}")
    if event.data.get("fails"):
        raise Permanent("no")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage that logs from INFO."""
    made = install(Stage(handle), monkeypatch)
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER.replace("Sampled=1", "Sampled=0"))
    return made


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the lines since the last call."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def caused(number: int, **data: object) -> str:
    """Return the body of an event that a run caused."""
    fields = {"correlationid": "c", "causationid": "i", "causationsubject": "s", "causationfunction": "g"}
    return body(cloud_event(id=f"e{number}", subject=f"thing/{number}", data=data, **fields))


def test_the_line_of_a_decision_has_all_keys(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """At most ten effects are named; `effects_count` counts all."""
    stage.send(caused(1, events=12))
    stage.deliver()
    (line,) = [line for line in lines(capsys) if "decision" in line]
    assert set(line) == LINE
    assert (line["message"], line["environment"], line["xray_trace_id"]) == ("f processed", "test", TRACE_ID)
    assert (line["effects"][0], len(line["effects"]), line["effects_count"]) == ("event part/0", 10, 12)
    assert (line["function_request_id"], line["correlation_id"], line["causation_id"]) == ("request-1", "c", "i")


def test_each_decision_has_the_same_keys(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """A duplicate has them too; `error` and `replay` are there only if there is an error or a replay."""
    stage.send(caused(1), attributes={"herald": {"stringValue": '{"replay": "r1"}'}})
    stage.deliver()
    stage.send(caused(1), caused(2, fails=True))
    stage.deliver()
    found = {line["decision"]: set(line) - LINE for line in lines(capsys) if "decision" in line}
    assert found == {"processed": {"replay"}, "duplicate": set(), "rejected": {"error"}}


def test_lines_of_a_handler_have_the_ids_of_its_run_only(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither these keys nor those that a handler appends are in later lines of other runs."""
    stage.send(caused(1), caused(2, fails=True))
    stage.deliver()
    found = lines(capsys)
    first, second = [line for line in found if line.get("message") == "seen"]
    assert [first[name] for name in IDS] == ["e1", "customer.created", "thing/1", "c", "i", "f", 1]
    assert (second["event_id"], second["customer"], second["thread"]) == ("e2", "thing/2", "main")
    assert not any({"customer", "thread"} & set(line) for line in found if "decision" in line)
    telemetry.logger().info("after")
    (after,) = lines(capsys)
    assert set(IDS) & set(after) == {"function"}


def test_only_the_first_invocation_is_a_cold_start(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With provisioned concurrency no caller waits for the initialization."""
    for number in range(2):
        stage.send(caused(number))
        stage.deliver()
    telemetry.invocations.cache_clear()
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency")
    stage.send(caused(3))
    stage.deliver()
    assert [line["cold_start"] for line in lines(capsys) if "decision" in line] == [True, False, False]


def test_debug_lines_are_sampled_in_each_invocation(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Powertools decides when the logger is made; a warm worker decides again, in both directions."""
    monkeypatch.setenv("POWERTOOLS_LOGGER_SAMPLE_RATE", "0.5")
    drawn = iter([0.9, 0.9, 0.1, 0.9, 0.2])  # the first one is drawn when the logger is made
    monkeypatch.setattr("aws_lambda_powertools.logging.logger.random.random", lambda: next(drawn))
    telemetry.logger.cache_clear()
    found = []
    for number in range(4):
        stage.send(caused(number))
        stage.deliver()
        found.append("detail" in [line.get("message") for line in lines(capsys)])
    assert found == [False, True, False, True]


def test_an_invocation_has_one_line_of_metrics(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Its dimensions are `function` and `environment`; the duration is that of handlers, so a duplicate has none."""
    stage.send(caused(0))
    stage.deliver()
    lines(capsys)
    stage.send(*(caused(number) for number in range(9)), caused(9, fails=True))
    stage.deliver()
    (found,) = [line for line in lines(capsys) if "_aws" in line]
    (directive,) = found["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Herald", [["function", "environment"]])
    units = {each["Name"]: each["Unit"] for each in directive["Metrics"]}
    names = ("RunsProcessed", "EventsDuplicate", "EventsRejected")
    assert units == dict.fromkeys(names, "Count") | dict.fromkeys(("EventLag", "RunDuration"), "Milliseconds")
    assert {name: len(found[name]) for name in units} == {
        "RunsProcessed": 8,
        "EventsDuplicate": 1,
        "EventsRejected": 1,
        "EventLag": 10,
        "RunDuration": 9,
    }
    assert set(found) == {"_aws", "function", "environment", *units}


def test_a_metric_has_at_most_a_hundred_values(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """The embedded metric format allows no more, so further values are in another line with the same dimensions."""
    assert stage
    for _ in range(101):
        telemetry.metrics().measure("EventLag", 1)
    telemetry.metrics().flush()
    found = lines(capsys)
    assert [len(line["EventLag"]) for line in found] == [100, 1]
    assert {line["environment"] for line in found} == {"test"}


def test_metrics_of_a_service_have_no_other_dimension(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """POWERTOOLS_SERVICE_NAME would add the dimension `service`."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "shop")
    telemetry.metrics.cache_clear()
    stage.send(caused(1))
    stage.deliver()
    (found,) = [line for line in lines(capsys) if "_aws" in line]
    assert found["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["function", "environment"]]
