"""The facts of one run: what changed, where, why it ran, who did it, its attempts, cause and effects."""

import json
from collections.abc import Iterator

from functions.runtime.patterns import pattern
from herald.markup import Markup, tag, together
from herald.page.pieces import code, facts, isolated, moment, some, took
from herald.page.shapes import Decided
from herald.page.ways import Ways, subject_link


def run_facts(decided: Decided, ways: Ways, now: int) -> Markup:
    """Return the facts of a run as names with values."""
    return facts(_pairs(decided, ways, now))


def _pairs(decided: Decided, ways: Ways, now: int) -> Iterator[tuple[str, str]]:
    yield "What changed", _what(decided)
    where = decided["where"]
    if where["bucket"]:
        yield "Where", together("bucket ", code(where["bucket"]), f", {where['region'] or 'unknown region'}")
    who = [value for value in decided["who"].values() if value]
    yield "Who", together(*_joined([isolated(value) for value in who])) if who else "The event does not say."
    yield "Why it ran", _why(decided)
    yield "Attempts", _attempts(decided)
    yield "Settled", moment(decided["settled_at"], now)
    if decided["replay"]:
        yield "Replay", code(decided["replay"])
    cause = decided["cause"]
    if cause:
        subject = subject_link(cause["subject"], ways)
        yield "Caused by", together(tag("span", cause["function"], class_="name"), " on ", subject)
    yield "Event id", code(str(decided["event_id"] or "none"))
    if decided["correlation_id"]:
        trace = ways.link("Trace", "trace", id=decided["correlation_id"])
        yield "Correlation id", together(code(decided["correlation_id"]), " ", trace)
    if decided["effects"] or decided["effects_omitted"]:
        yield "Effects", some(len(decided["effects"]) + decided["effects_omitted"], "effect")


def _what(decided: Decided) -> Markup:
    what = decided["what"]
    parts = [isolated(str(what["type"] or "no event"))]
    parts += [together(f"{name} ", code(str(what[name]))) for name in ("version", "sequence") if what[name]]
    if what["size"] is not None:
        parts.append(together(some(what["size"], "byte")))
    return together(*_joined(parts))


def _why(decided: Decided) -> Markup:
    why = decided["why"]
    if not why["description"]:
        return tag("span", "The function is not declared in this checkout.")
    if not why["pattern"]:
        return tag("span", why["description"])
    clauses = (tag("li", tag("code", path), f" {text}") for path, text in pattern.readings(why["pattern"]))
    return together(tag("span", why["description"]), tag("ul", *clauses))


def _attempts(decided: Decided) -> str:
    redriven = f" after {some(decided['redrives'], 'redrive')}" if decided["redrives"] else ""
    return f"attempt {decided['attempt']}{redriven}, {took(decided['duration_ms'])}"


def _joined(parts: list[Markup]) -> Iterator[str]:
    for number, part in enumerate(parts):
        if number:
            yield ", "
        yield part


def pretty(body: str) -> str:
    """Return an event as indented JSON; a text that is not JSON stays as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
