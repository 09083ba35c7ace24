"""Answers of `herald why --json` and lists of runs for the tests of the page."""

from typing import Any, Final

from herald.markup import Markup, tag
from herald.page.shapes import DeadLetterAnswer, Health, RunLine

NOW: Final = 1_795_000_000_000
HOSTILE: Final = "</code><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u202etxt.exe\u200f\x00\x1b[31m\ud800"
LONG: Final = "s3://outputs/" + "k" * 1_000 + "/<b>.xml"  # a key of 1,024 bytes with its bucket


class Links:
    """Makes plain links, as a caller of the renderer does."""

    def short(self, subject: str) -> str:
        """Return the short name of a subject."""
        return subject.removeprefix("s3://herald-dev-")

    def link(self, label: str, view: str, /, **query: str) -> Markup:
        """Return a link that names its view."""
        return tag("a", label, href=f"#{view}", data_query=str(query))

    def redrive(self, label: str, /, **chosen: str) -> Markup:
        """Return a button."""
        return tag("button", label, data_query=str(chosen))


def decided(function: str = "notify", decision: str = "processed", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a decision as `herald why --json` prints it."""
    return {
        "function": function,
        "decision": decision,
        "reason": "it ran",
        "event_id": "e1",
        "event_type": "Object Created",
        "what": {"type": "Object Created", "version": "v1", "sequence": "00A1", "size": 1_234},
        "where": {"bucket": "herald-dev-outputs-1", "key": "reports/a.xml", "region": "eu-central-1"},
        "why": {"description": "Notifies people.", "pattern": {"detail-type": ["Object Created"]}},
        "who": {"requester": "111122223333", "source_ip": "192.0.2.1"},
        "attempt": 3,
        "redrives": 0,
        "replay": None,
        "settled_at": NOW - 180_000,
        "duration_ms": 420,
        "correlation_id": "c1",
        "cause": None,
        "effects": [],
        "effects_omitted": 0,
    } | more


def answer(*decisions: dict[str, Any], subject: str = "s3://herald-dev-outputs-1/reports/a.xml", **more: Any) -> Any:  # noqa: ANN401 - JSON
    """Return an answer of `herald why --json`."""
    return {"subject": subject, "decisions": list(decisions), "not_run": []} | more


def effect(kind: str = "event", *decisions: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return an effect with the decisions that it caused."""
    typed = {"type": "report.published", "id": "e2"} if kind == "event" else {}
    return {"kind": kind, "subject": "report/a", "decisions": list(decisions), "not_run": []} | typed | more


def failed_chain() -> Any:  # noqa: ANN401 - JSON
    """Return an answer with a run that succeeded, and below it one that failed and one function that has not run."""
    dead = decided(
        "notify",
        "dead",
        reason="TimeoutError: the mail server did not answer within 10 s",
        event_id="e2",
        event_type="report.published",
        where={"bucket": None, "key": None, "region": "eu-central-1"},
        cause={"subject": "s3://herald-dev-outputs-1/reports/a.xml", "function": "summarise", "event_id": "e1"},
        settled_at=NOW - 60_000,
        duration_ms=10_000,
    )
    missing = [{"function": "archive", "reason": "it is paused: the event waits in its queue"}]
    effects = [
        effect("event", dead, not_run=missing),
        effect("object", decided("index", subject="x"), subject="s3://herald-dev-artifacts-1/a.json"),
        effect("notice", subject="notices"),
    ]
    return answer(decided("summarise", effects=effects), not_run=missing, paused=["archive"])


def hostile_answer() -> Any:  # noqa: ANN401 - JSON
    """Return an answer in which each text is hostile."""
    cause = {"subject": HOSTILE, "function": HOSTILE, "event_id": HOSTILE}
    texts: dict[str, Any] = dict.fromkeys(
        ("function", "decision", "reason", "event_id", "replay", "correlation_id"), HOSTILE
    )
    many: dict[str, Any] = {
        "what": {"type": HOSTILE, "version": HOSTILE, "sequence": HOSTILE, "size": 1},
        "where": {"bucket": HOSTILE, "key": HOSTILE, "region": HOSTILE},
        "why": {"description": HOSTILE, "pattern": {HOSTILE: [HOSTILE]}},
        "who": {"requester": HOSTILE, "source_ip": HOSTILE},
        "cause": cause,
    }
    dead = decided(**texts | many | {"decision": "dead"})
    missing = [{"function": HOSTILE, "reason": HOSTILE}]
    effects = [
        effect("event", dead, subject=LONG, type=HOSTILE, not_run=missing),
        effect(HOSTILE, subject=HOSTILE),
        effect("wake", subject=HOSTILE, time=HOSTILE),
    ]
    return answer(
        decided(**texts | many | {"effects": effects}), dead, subject=HOSTILE, not_run=missing, paused=[HOSTILE]
    )


def run_line(number: int = 0, **more: Any) -> RunLine:  # noqa: ANN401 - JSON
    """Return a run in a list."""
    failed = number % 10 == 0
    line: dict[str, Any] = {
        "time": NOW - number * 1_000,
        "function": f"function_{number % 7}",
        "decision": "dead" if failed else "processed",
        "subject": f"s3://herald-dev-outputs-1/reports/{number}.xml",
        "reason": "the mail server did not answer" if failed else None,
        "error": "TimeoutError" if failed else None,
        "attempt": 5 if failed else 1,
        "duration_ms": number % 900,
        "correlation_id": f"c{number}",
        "event_id": f"e{number}",
    }
    made: RunLine = line | more  # type: ignore[assignment] # its keys are those of RunLine
    return made


def dead_letter(**more: Any) -> DeadLetterAnswer:  # noqa: ANN401 - JSON
    """Return a dead letter."""
    fields = {"function": "notify", "queue": "notify", "error": "TimeoutError", "reason": "no answer within 10 s"}
    counts = {"subject": "report/a", "generation": 1, "sent_at": NOW - 7_200_000}
    made: DeadLetterAnswer = fields | counts | more  # type: ignore[assignment] # its keys are those of DeadLetterAnswer
    return made


def health(**more: Any) -> Health:  # noqa: ANN401 - JSON
    """Return the health of a function."""
    fields = {"function": "notify", "owner": "reports", "description": "Notifies people.", "state": "active"}
    made: Health = fields | {"waiting": 0, "oldest_s": None, "dead": 0} | more  # type: ignore[assignment] # as above
    return made
