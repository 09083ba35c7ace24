"""`herald why` names the paused functions that may hold an event of the subject, and patterns that do not match."""

from typing import Any

import pytest

from herald.deployment import switch
from herald.deployment.deployment import Deployment
from herald.investigate import why
from herald.investigate.consumers import Consumers
from herald.investigate.history import History
from infra.declarations.spec import FunctionSpec, IotTrigger, Trigger
from tests.unit.herald.terminal.test_rendering import event, row

PATTERNS: dict[str, dict[str, Any]] = {
    "on_reports": {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": ["${bucket.outputs}"]},
            "object": {"key": [{"prefix": "reports/"}], "size": [{"numeric": [">", 0]}]},
        },
    },
    "on_logs": {"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "logs/"}]}}},
    "on_published": {"detail-type": ["report.published"], "detail": {"data": {"failed": [1]}}},
    "on_branches": {"$or": [{"detail-type": ["report.published"]}, {"detail-type": ["x.y"], "source": ["z"]}]},
    "on_created": {"detail-type": ["customer.created"]},
    "on_updated": {"detail-type": ["customer.updated"]},
}


WRITTEN: dict[str, Any] = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "time": "2026-11-12T00:00:00Z",
    "detail": {"bucket": {"name": "outputs"}, "object": {"key": "logs/b", "size": 1}},
}


class Outputs(Deployment):
    """A deployment in which patterns use one bucket."""

    @property
    def names(self) -> dict[str, str]:
        """The physical name of the bucket."""
        return {"bucket.outputs": "outputs"}


@pytest.fixture(autouse=True)
def every_function_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pause all declared functions, and one that was deleted."""
    monkeypatch.setattr(switch, "paused", lambda deployment: [*deployment.specs, "gone"])


def spec(name: str, trigger: Trigger) -> FunctionSpec:
    """Return a function with a trigger."""
    return FunctionSpec(name=name, description="d", owner="o", trigger=trigger)


def paused(monkeypatch: pytest.MonkeyPatch, subject: str, *rows: dict[str, Any]) -> list[str]:
    """Return the paused functions in the answer about a subject with these rows; the journal has one event."""
    session: Any = None
    deployment = Outputs(session, "dev")
    specs = [spec(name, Trigger(samples=("s",), pattern=pattern)) for name, pattern in PATTERNS.items()]
    specs.append(spec("on_devices", Trigger(samples=("s",), iot=IotTrigger(topic="devices/+/x"))))
    deployment.__dict__["specs"] = {each.name: each for each in specs}
    history = History(deployment, {subject: list(rows), "r": [], "s3://outputs/logs/b": []})
    monkeypatch.setattr(why, "History", lambda _: history)
    monkeypatch.setattr(Consumers, "_missing", lambda *_: [])
    updated = {"detail-type": "customer.updated", "time": "2026-11-12T00:00:00Z"}
    monkeypatch.setattr(why, "_newest", lambda _, asked: updated if asked == "customer/42" else None)
    monkeypatch.setattr(why, "is_decided", lambda *_: True)
    return list(why.why(deployment, subject).get("paused", []))


@pytest.mark.parametrize(
    ("subject", "event_type", "effects", "expected"),
    [
        ("s3://outputs/reports/a", "Object Created", [], ["on_reports"]),
        ("s3://elsewhere/reports/a", "Object Created", [], []),
        ("s3://outputs/other/a", "Object Created", [], []),
        ("s3://outputs/other/a", "Object Created", [event("r", "2") | {"type": "report.published"}],
         ["on_published", "on_branches"]),
        ("s3://outputs/other/a", "Object Created", [{"kind": "object", "subject": "s3://outputs/logs/b"}], ["on_logs"]),
        ("s3://outputs/other/a", "Object Created", [{"kind": "notice", "subject": "notices", "id": "1"}], []),
        ("customer/42", "customer.created", [], ["on_created", "on_updated"]),
        ("device/7", "IoT Message", [], ["on_devices"]),
    ],
)  # fmt: skip
def test_a_paused_function_is_named_when_its_queue_may_hold_an_event(
    monkeypatch: pytest.MonkeyPatch, subject: str, event_type: str, effects: list[dict[str, Any]], expected: list[str]
) -> None:
    """The events are those of the subject, decided or in the journal, and the effects of its runs."""
    found = row(subject, "f", "1", *effects, facts={"id": "1", "type": event_type})
    assert paused(monkeypatch, subject, found) == expected


def test_a_pattern_with_a_bucket_that_is_not_deployed_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer shows it, and the other functions as usual."""
    session: Any = None
    deployment = Outputs(session, "dev")
    new = {"detail": {"bucket": {"name": ["${bucket.new}"]}}}
    specs = [
        spec(name, Trigger(samples=("s",), pattern=pattern)) for name, pattern in (PATTERNS | {"new": new}).items()
    ]
    deployment.__dict__.update(specs={each.name: each for each in specs}, all_queues={})
    monkeypatch.setattr(why, "History", lambda _: History(deployment, {"s3://outputs/logs/b": []}))
    monkeypatch.setattr(why, "write_of", lambda *_: WRITTEN)
    reasons = {each["function"]: each["reason"] for each in why.why(deployment, "s3://outputs/logs/b")["not_run"]}
    assert reasons["new"] == "the pattern of new uses bucket.new, which is not deployed"
    assert reasons["on_logs"] == "its pattern matches, but it is not deployed"
    assert "object.key" in reasons["on_reports"]
    monkeypatch.setattr(Consumers, "_missing", lambda *_: [])
    assert switch.paused(deployment) == [*PATTERNS, "new", "gone"]
    moved = row("s3://outputs/logs/b", "f", "1", facts={"id": "1", "type": "Object Created"})
    monkeypatch.setattr(why, "History", lambda _: History(deployment, {"s3://outputs/logs/b": [moved]}))
    assert "new" in why.why(deployment, "s3://outputs/logs/b")["paused"], "an older pattern may be deployed"
