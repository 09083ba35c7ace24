"""The trace: everything that one event caused, as a picture and as a timeline."""

from herald.markup import Markup, tag, together
from herald.page.chain import chain, decisions
from herald.page.pieces import code, section, some
from herald.page.shapes import FAILED, Answer
from herald.page.timeline import timeline
from herald.page.ways import Ways, subject_link


def trace_view(name: str, answer: Answer, ways: Ways, *, now: int) -> Markup:
    """Return the trace that begins at the subject of an answer; `name` is what the person asked for."""
    found = decisions(answer)
    failed = sum(each["decision"] in FAILED for _, each in found)
    subject = subject_link(answer["subject"], ways)
    return together(
        tag("h1", "Trace ", code(name)),
        tag(
            "p", f"{some(len(found), 'run')}, {failed:,} failed or retrying. It begins at ", subject, ".", class_="lead"
        ),
        section("chain", "Chain", chain(answer, ways)),
        section("timeline", "Timeline", timeline(found, ways, now)),
    )
