"""How an answer is shown, and how a tree is made of rows."""

from typing import Any

import pytest
from rich.console import Console

from herald.deployment.deployment import Deployment
from herald.investigate.history import History, is_open
from herald.terminal import rendering
from herald.terminal.console import flags
from infra.declarations.spec import FunctionSpec, Trigger


def history(*specs: FunctionSpec, **rows: Any) -> History:  # noqa: ANN401 - lists of rows by subject
    """Return a history that holds rows by subject, and asks nobody; this checkout declares those functions alone."""
    session: Any = None
    deployment = Deployment(session, "dev")
    deployment.__dict__["specs"] = {spec.name: spec for spec in specs}
    return History(deployment, dict(rows))


def row(subject: str, function: str, event_id: str, *effects: dict[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - a row's
    """Return a row of the ledger."""
    key = {"pk": subject, "sk": f"{function}#{event_id}", "facts": {"id": event_id, "type": "t"}}
    return key | {"decision": "processed", "attempt": 1, "first_at": 1, "effects": list(effects)} | fields


def event(subject: str, event_id: str) -> dict[str, Any]:
    """Return the effect of an emit."""
    return {"kind": "event", "type": "t", "subject": subject, "id": event_id}


def shape(decisions: list[dict[str, Any]]) -> list[Any]:
    """Return the tree of functions alone."""
    return [
        (each["function"], [shape(effect["decisions"]) for effect in each["effects"]] if each["effects"] else [])
        for each in decisions
    ]


def test_a_run_stands_under_the_effect_that_caused_it() -> None:
    """Also when both are about one subject: it is told once, in its place."""
    rows = [row("s", "f", "1", event("s", "2"), event("t", "3")), row("s", "g", "2")]
    assert shape(history(s=rows, t=[row("t", "h", "3")]).decisions("s")) == [("f", [[("g", [])], [("h", [])]])]


def test_a_wake_stands_under_the_run_that_asked() -> None:
    """With when it is due, before it came and after it: then its own decision stands below."""
    asked = {"kind": "wake", "id": "w", "time": "2026-11-12T09:15:00.000+00:00", "subject": "s"}
    woken = row("s", "f", "w", decision="stale", reason="the wake is cancelled", first_at=2)
    for rows in ([row("s", "f", "1", asked)], [row("s", "f", "1", asked), woken]):
        decisions = history(s=rows).decisions("s")
        assert shape(decisions) == [("f", [[("f", [])] * (len(rows) - 1)])]
        console = Console(width=200)
        with console.capture() as shown:
            console.print(rendering.answer({"subject": "s", "decisions": decisions}))
        assert "asked to be woken at 2026-11-12T09:15:00.000+00:00" in shown.get()
        assert ("stale: the wake is cancelled" in shown.get()) is (len(rows) == 2)


def test_a_chain_that_bites_its_tail_ends() -> None:
    """Two functions that run each other are shown once each, and not for ever."""
    rows = history(s=[row("s", "f", "1", event("t", "2"))], t=[row("t", "g", "2", event("s", "1"))])
    assert shape(rows.decisions("s")) == [("f", [[("g", [[]])]])]


def test_an_object_that_a_run_wrote_leads_to_its_readers() -> None:
    """By its version where the event names one, else by the lineage that its reader found on it."""
    effect = {"kind": "object", "subject": "o", "version": "v2"}
    cause = {"subject": "s", "function": "f", "event_id": "1"}
    by_version = row("o", "g", "8", facts={"id": "8", "version": "v2"})
    other_version = row("o", "g", "9", facts={"id": "9", "version": "v1"}, cause=cause)
    by_lineage = row("o", "h", "7", cause=cause)
    rows = history(s=[row("s", "f", "1", effect)], o=[by_version, other_version, by_lineage])
    assert shape(rows.decisions("s")) == [("f", [[("g", []), ("h", [])]])]


def test_a_run_of_before_a_rename_is_told_by_the_name_of_today() -> None:
    """Rows have the first name, a replay's too, and causes the one of their day: the tree joins all of them."""
    renamed = FunctionSpec(
        name="now", description="d", owner="o", formerly=("first", "then"), trigger=Trigger(samples=("s",))
    )
    effect = {"kind": "object", "subject": "o"}
    causes = [{"subject": "s", "function": name, "event_id": "1"} for name in ("first", "then", "now", "other")]
    read = [row("o", "h", f"{number}", cause=cause) for number, cause in enumerate(causes)]
    rows = history(renamed, s=[row("s", "first", "1", effect), row("s", "first@again", "2")], o=read)
    told, again = rows.decisions("s")
    assert shape([told, again]) == [("now", [[("h", []), ("h", []), ("h", [])]]), ("now", [])]
    assert [each["cause"]["function"] for each in told["effects"][0]["decisions"]] == ["now", "now", "now"]
    assert told["why"]["description"] == "d"


@pytest.mark.parametrize(
    ("below", "opened"), [("processed", False), ("running", True), ("retrying", True), ("dead", False)]
)
def test_a_chain_is_open_while_its_last_link_is(below: str, opened: bool) -> None:  # noqa: FBT001 - a column
    """`--wait` waits for what a run caused, too."""
    rows = history(s=[row("s", "f", "1", event("t", "2"))], t=[row("t", "g", "2", decision=below)])
    (decision,) = rows.decisions("s")
    assert is_open(decision) is opened


@pytest.mark.parametrize(
    ("decision", "told"),
    [("dead", True), ("rejected", True), ("late", True), ("processed", False), ("retrying", False)],
)
def test_a_run_that_was_given_up_names_the_command_for_its_letter(decision: str, told: bool) -> None:  # noqa: FBT001 - a column
    """With the subject as a shell takes it, and where it was asked, also where another run caused it."""
    rows = history(
        s=[row("s", "f", "1", event("a customer", "2"))],
        **{"a customer": [row("a customer", "g", "2", decision=decision)]},
    )
    console = Console(width=200, force_terminal=True, color_system=None)
    with console.capture() as capture:
        told_of = {"subject": "s", "decisions": rows.decisions("s")}
        console.print(rendering.answer(told_of, rendering.View(flags=flags("prod", "my own", None))))
    command = "herald dlq show --function g --subject 'a customer' --env prod --profile 'my own'\n"
    assert (command in capture.get()) is told
    assert "--function f" not in capture.get()


@pytest.mark.parametrize(
    ("generation", "told"),
    [(0, "attempt 1, 0 ms"), (1, "attempt 1 after 1 redrive, 0 ms"), (3, "attempt 1 after 3 redrives, 0 ms")],
)
def test_a_run_tells_how_often_its_letter_was_redriven(generation: int, told: str) -> None:
    """Its attempts are counted anew each time."""
    rows = history(s=[row("s", "f", "1", generation=generation)])
    console = Console(width=200, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(rendering.answer({"subject": "s", "decisions": rows.decisions("s")}))
    assert told in capture.get()
    assert rows.decisions("s")[0]["redrives"] == generation


def test_a_pattern_is_told_in_words() -> None:
    """Also its negations, and where anything will do."""
    asked = {
        "source": ["crm"],
        "detail": {
            "low_mark": [{"numeric": [">", 0]}, {"prefix": ""}, {"exists": False}],
            "$or": [{"a": [{"exists": True}]}, {"b": [{"anything-but": ["x"]}]}],
        },
    }
    spec = FunctionSpec(name="f", description="d", owner="o", trigger=Trigger(samples=("s",), pattern=asked))
    console = Console(width=300, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(
            rendering.answer({"subject": "s", "decisions": history(spec, s=[row("s", "f", "1")]).decisions("s")})
        )
    assert (
        "d  source: 'crm'; detail.low_mark: a number > 0 or any text or absent; "
        "detail, either: a: any value, or b: anything but 'x'\n" in capture.get()
    )


@pytest.mark.parametrize(("count", "told"), [(0, "0 events were"), (1, "1 event was"), (2, "2 events were")])
def test_one_is_counted_as_one(count: int, told: str) -> None:
    """With its verb; a noun alone needs none."""
    assert rendering.counted(count, "event", "was", "were") == told
    assert rendering.counted(count, "event") == told.rpartition(" ")[0]


def test_a_key_cannot_write_on_the_terminal() -> None:
    """Control characters of a key or a reason are shown as what they are, and brackets are no markup."""
    subject = "s3://b/[red]a\x1b[2Jb\nc[/red]"
    rows = history(**{subject: [row(subject, "f", "1", reason="bad \x07 bell")]})
    console = Console(width=200, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(rendering.answer({"subject": subject, "decisions": rows.decisions(subject)}))
    shown = capture.get()
    assert "s3://b/[red]a\\x1b[2Jb\\nc[/red]" in shown
    assert "bad \\x07 bell" in shown
    assert "\x1b[2J" not in shown
