"""The run page of a subject: it begins with what failed, then shows the chain, the timeline and all runs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from functions.runtime.ledger.decisions import DEAD_LETTERED, Decision
from herald.markup import Markup, tag, together
from herald.page.chain import chain, decisions
from herald.page.pieces import code, decision, isolated, scrolled, section, some
from herald.page.run_facts import pretty, run_facts
from herald.page.shapes import FAILED, Answer, Decided, Evidence
from herald.page.timeline import timeline
from herald.page.ways import Ways, subject_link

type Pair = tuple[str, Decided]


def subject_view(answer: Answer, ways: Ways, *, now: int, evidence: Mapping[str, Evidence]) -> Markup:
    """Return the run page; `answer` is that of `herald why --json`, `evidence` is by `evidence_key`."""
    found = decisions(answer)
    failed = failures(answer)
    parts = [tag("h1", code(answer["subject"])), tag("p", *_summary(answer, found), class_="lead")]
    if failed:
        articles = (
            _failure(pair, ways, now, _evidence(pair[1], evidence, number)) for number, pair in enumerate(failed, 1)
        )
        parts.append(section("failures", "What failed", *articles))
    parts += _not_run(answer)
    if found:
        parts.append(section("chain", "What it caused", chain(answer, ways)))
        parts.append(section("timeline", "Timeline", timeline(found, ways, now)))
        parts.append(section("runs", "Runs of this subject", *_runs(answer, ways, now)))
    return together(*parts)


def failures(answer: Answer) -> list[Pair]:
    """Return the failed and retrying runs of a subject and of everything it caused, newest first."""
    failed = [pair for pair in decisions(answer) if pair[1]["decision"] in FAILED]
    return sorted(failed, key=lambda pair: -(pair[1]["settled_at"] or 0))


def evidence_key(decided: Decided) -> str:
    """Return what identifies a run in the evidence of an answer."""
    return f"{decided['function']} {decided['event_id']} {decided['replay']}"


def _summary(answer: Answer, found: Sequence[Pair]) -> Iterator[str]:
    words = Counter(each["decision"] for _, each in found)
    failed = sum(words[word] for word in DEAD_LETTERED)
    if not found:
        yield "No function ran on this subject. "
    else:
        yield (
            f"{failed:,} of {some(len(found), 'run')} failed. "
            if failed
            else f"{some(len(found), 'run')}, none failed. "
        )
    for word, sentence in ((Decision.RETRYING, "waiting for the next attempt"), (Decision.RUNNING, "running now")):
        if words[word]:
            yield f"{some(words[word], 'run')} {sentence}. "
    for name in answer.get("paused", []):
        yield tag("strong", name)
        yield " is paused: its events wait in its queue. "


def _failure(pair: Pair, ways: Ways, now: int, evidence: Iterable[Markup]) -> Markup:
    subject, each = pair
    title = tag("h3", tag("span", each["function"], class_="name"), " ", decision(each["decision"]))
    reason = tag("p", isolated(each["reason"] or "The row has no reason."), class_="reason")
    about = tag("p", "Subject: ", subject_link(subject, ways))
    shown = [title, reason, about, *_redrive(subject, each, ways), run_facts(each, ways, now), *evidence]
    return tag("article", *shown, class_="failure")


def _redrive(subject: str, each: Decided, ways: Ways) -> list[Markup]:
    if each["decision"] not in DEAD_LETTERED:
        return []
    control = ways.redrive(f"Redrive {each['function']}", function=each["function"], subject=subject)
    return [tag("p", control, class_="actions")]


def _evidence(each: Decided, evidence: Mapping[str, Evidence], number: int) -> Iterator[Markup]:
    """Return input and log lines of a failure; the number makes the names of its parts unique."""
    known = evidence.get(evidence_key(each))
    if known is None:
        return
    yield tag("h4", "Input")
    if known["input"] is None:
        yield tag("p", "The journal does not have this event.", class_="empty")
    else:
        yield scrolled("input", f"Input of {each['function']}, failure {number}", pretty(known["input"]))
    yield tag("h4", "Log lines")
    if known["log"]:
        yield scrolled("log", f"Log lines of {each['function']}, failure {number}", "\n".join(known["log"]))
    else:
        yield tag("p", "No log lines of this event found in ", code(known["log_group"]), ".", class_="empty")


def _not_run(answer: Answer) -> list[Markup]:
    if not answer.get("not_run"):
        return []
    items = (
        tag("li", tag("span", each["function"], class_="name"), ": ", isolated(each["reason"]))
        for each in answer["not_run"]
    )
    return [section("not-run", "Functions that did not run", tag("ul", *items, class_="not-run"))]


def _runs(answer: Answer, ways: Ways, now: int) -> Iterator[Markup]:
    """Return each run of the subject itself, newest first; the runs that it caused are in the chain."""
    for each in reversed(answer["decisions"]):
        summary = tag("summary", tag("span", each["function"], class_="name"), " ", decision(each["decision"]))
        reason = [tag("p", isolated(each["reason"]), class_="reason")] if each["reason"] else []
        yield tag("details", summary, *reason, run_facts(each, ways, now))
