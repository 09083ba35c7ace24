"""The chain of a subject as a picture: nested boxes of runs and their effects, connected by lines of the style."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from herald.markup import Markup, tag, together
from herald.page.pieces import code, decision, isolated, some, took
from herald.page.shapes import Answer, Decided
from herald.page.ways import Ways, subject_link

BOXES: Final = 300  # of one picture; more would not be read, and one cause may have a million effects


def chain(answer: Answer, ways: Ways) -> Markup:
    """Return the tree from a subject down; a picture has at most 300 boxes, and says how many it leaves out."""
    drawing = _Drawing(ways)
    root = tag("div", code(ways.short(answer["subject"])), class_="box subject")
    missing = [each for each in answer.get("not_run", []) if each.get("matches", True)] if answer["decisions"] else []
    branches = [*drawing.runs(answer["decisions"]), *_not_run(missing)]
    left_out = f"Not drawn: {drawing.left_out:,} boxes, and the boxes below them."
    note = [tag("p", left_out, class_="soft")] if drawing.left_out else []
    tree = tag("ul", tag("li", root, *_list(branches)), class_="chain")
    return tag("div", tree, *note, class_="frame", tabindex=0, role="region", aria_label="The chain as a picture")


def decisions(answer: Answer) -> list[tuple[str, Decided]]:
    """Return all decisions of an answer with their subjects, from the top of the tree down."""
    return list(_below(answer["subject"], answer["decisions"]))


def _below(subject: str, found: Sequence[Decided]) -> Iterator[tuple[str, Decided]]:
    for each in found:
        yield subject, each
        for effect in each["effects"]:
            yield from _below(effect["subject"], effect["decisions"])


class _Drawing:
    """Counts the boxes of one picture."""

    def __init__(self, ways: Ways) -> None:
        self.ways, self.drawn, self.left_out = ways, 0, 0

    def runs(self, found: Sequence[Decided]) -> Iterator[Markup]:
        for each in found:
            if self._is_full():
                continue
            head = together(tag("span", each["function"], class_="name"), " ", decision(each["decision"]))
            time = tag("span", f"attempt {each['attempt']}, {took(each['duration_ms'])}", class_="soft")
            box = tag("div", head, " ", time, *_reason(each), class_="box function")
            more = each["effects_omitted"]
            rest = [tag("li", tag("span", f"{some(more, 'more effect')}", class_="soft"))] if more else []
            yield tag("li", box, *_list([*self.effects(each["effects"]), *rest]))

    def effects(self, found: Sequence[Any]) -> Iterator[Markup]:
        for effect in found:
            if self._is_full():
                continue
            box = tag("div", *_effect(effect, self.ways), class_=f"box {_color(effect['kind'])}")
            yield tag("li", box, *_list([*self.runs(effect["decisions"]), *_not_run(effect.get("not_run", []))]))

    def _is_full(self) -> bool:
        full = self.drawn >= BOXES
        self.left_out += full
        self.drawn += not full
        return full


def _reason(decided: Decided) -> list[Markup]:
    if decided["decision"] == "processed" or not decided["reason"]:
        return []
    return [tag("div", isolated(decided["reason"]))]


def _effect(effect: Any, ways: Ways) -> Iterator[str]:  # noqa: ANN401 - JSON
    if effect["kind"] == "wake":
        yield f"wake at {effect.get('time', 'an unknown time')}"
        return
    yield f"{effect['kind']} "
    if effect.get("type"):
        yield tag("span", isolated(effect["type"]), class_="name")
        yield " about "
    subject = effect["subject"]
    yield code(ways.short(subject)) if effect["kind"] == "notice" else subject_link(subject, ways)


def _color(kind: str) -> str:
    return {"object": "bucket", "event": "event", "wake": "source"}.get(kind, "topic")


def _not_run(found: Sequence[Any]) -> Iterator[Markup]:
    for each in found:
        head = together(tag("span", each["function"], class_="name"), " has not run")
        yield tag("li", tag("div", head, tag("div", isolated(each["reason"])), class_="box missing"))


def _list(items: Iterable[Markup]) -> list[Markup]:
    found = list(items)
    return [tag("ul", *found)] if found else []
