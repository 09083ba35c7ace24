"""Which pauses matter to what is asked for."""

from typing import Any

import pytest

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


class Paused(Deployment):
    """A deployment of which every function is paused; resources are called by their names."""

    @property
    def names(self) -> dict[str, str]:
        """What resources are called."""
        return {"bucket.outputs": "outputs"}

    @property
    def paused(self) -> list[str]:
        """All that are declared, and one that is no more."""
        return [*self.specs, "gone"]


def spec(name: str, trigger: Trigger) -> FunctionSpec:
    """Return a function that a trigger runs."""
    return FunctionSpec(name=name, description="d", owner="o", trigger=trigger)


def told(monkeypatch: pytest.MonkeyPatch, subject: str, *rows: Any) -> list[str]:  # noqa: ANN401 - rows with some attributes
    """Return which pauses `why` tells of a subject with these rows; the journal has that a customer was updated."""
    session: Any = None
    deployment = Paused(session, "dev")
    specs = [spec(name, Trigger(samples=("s",), pattern=pattern)) for name, pattern in PATTERNS.items()]
    specs.append(spec("on_devices", Trigger(samples=("s",), iot=IotTrigger(topic="devices/+/x"))))
    deployment.__dict__["specs"] = {each.name: each for each in specs}
    history = History(deployment, {subject: list(rows), "r": [], "s3://outputs/logs/b": []})
    monkeypatch.setattr(why, "History", lambda _: history)
    monkeypatch.setattr(Consumers, "_missing", lambda *_: [])
    updated = {"detail-type": "customer.updated"}
    monkeypatch.setattr(why, "_told_of", lambda _, asked: updated if asked == "customer/42" else None)
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
def test_a_pause_is_told_where_something_may_wait_for_its_end(
    monkeypatch: pytest.MonkeyPatch, subject: str, event_type: str, effects: list[dict[str, Any]], expected: list[str]
) -> None:
    """By the subject's events, decided or in the journal, and by what its runs wrote and emitted."""
    found = row(subject, "f", "1", *effects, facts={"id": "1", "type": event_type})
    assert told(monkeypatch, subject, found) == expected


def test_a_pattern_of_what_is_not_deployed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that was declared and not deployed keeps its function from running, and nobody from their answer."""
    session: Any = None
    deployment = Paused(session, "dev")
    new = {"detail": {"bucket": {"name": ["${bucket.new}"]}}}
    specs = [
        spec(name, Trigger(samples=("s",), pattern=pattern)) for name, pattern in (PATTERNS | {"new": new}).items()
    ]
    deployment.__dict__.update(specs={each.name: each for each in specs}, all_queues={})
    monkeypatch.setattr(why, "History", lambda _: History(deployment, {"s3://outputs/logs/b": []}))
    monkeypatch.setattr(why, "write_of", lambda *_: WRITTEN)
    told = {each["function"]: each["reason"] for each in why.why(deployment, "s3://outputs/logs/b")["not_run"]}
    assert told["new"] == "the pattern of new names bucket.new, which is not deployed"
    assert told["on_logs"] == "its pattern matches, but it is not deployed"
    assert "object.key" in told["on_reports"]
    monkeypatch.setattr(Consumers, "_missing", lambda *_: [])
    assert deployment.paused == [*PATTERNS, "new", "gone"]
    moved: Any = row("s3://outputs/logs/b", "f", "1", facts={"id": "1", "type": "Object Created"})
    monkeypatch.setattr(why, "History", lambda _: History(deployment, {"s3://outputs/logs/b": [moved]}))
    assert "new" in why.why(deployment, "s3://outputs/logs/b")["paused"], "what is deployed has an older pattern"
