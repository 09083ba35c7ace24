"""Contracts of received events: which events are rejected, and the reasons."""

import json
import sys
from pathlib import Path
from typing import Any, Final

import fastjsonschema
import pytest

from functions.runtime import Event, Run
from functions.runtime.core.errors import ContractError
from functions.runtime.envelopes.envelope import parse
from functions.runtime.run import contracts
from tests.events import body, cloud_event
from tests.stage import Stage, install

FIRST: Final = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "pattern": "^[a-z]+$"},
        "count": {"type": "integer", "minimum": 0, "default": 1},
        "state": {"enum": ["open", "closed"]},
        "at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "maxItems": 2, "uniqueItems": True, "items": {"$ref": "#/$defs/tag"}},
        "sizes": {"type": "object", "additionalProperties": {"type": "number"}},
        "value": {"anyOf": [{"type": "number"}, {"type": "object", "properties": {"unit": {"type": "string"}}}]},
    },
    "$defs": {"tag": {"type": "object", "required": ["key"], "properties": {"key": {"type": "string"}}}},
}
SECOND: Final = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
CARD: Final = "4111-1111"


class Handler:
    """Records the events that it handles, and emits the events in `emits`."""

    def __init__(self) -> None:
        """Start with no events to emit."""
        self.seen: list[Event] = []
        self.emits: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, event: Event, run: Run) -> None:
        """Handle any event."""
        self.seen.append(event)
        for event_type, data in self.emits:
            run.emit(event_type, data, subject=event.subject)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage where `thing.made` has two versions of its contract, and no other type has a contract."""
    folder = tmp_path / "thing.made"
    folder.mkdir()
    for version, schema in ((1, FIRST), (2, SECOND)):
        (folder / f"{version}.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    stage = install(Stage(Handler()), monkeypatch)
    monkeypatch.setattr(contracts, "EVENTS", tmp_path)
    return stage


def handler(stage: Stage) -> Handler:
    """Return the handler of the stage."""
    assert isinstance(stage.handle, Handler)
    return stage.handle


def made(version: int | str | None = None, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - the data of an event
    """Return a `thing.made` event that names a version of its contract, or none."""
    schema = f"herald:thing.made/{version}" if isinstance(version, int) else version
    return cloud_event(type="thing.made", dataschema=schema, data=data)


def refusal(event: dict[str, Any], *, strict: bool = False) -> str:
    """Return the reason why an event is rejected."""
    with pytest.raises(ContractError) as refused:
        contracts.accept(parse(body(event)), strict=strict)
    return str(refused.value)


@pytest.mark.parametrize(("version", "data"), [(None, {"name": "a"}), (1, {"name": "a"}), (2, {"title": "A"})])
def test_an_event_is_held_against_the_version_it_names(stage: Stage, version: int | None, data: dict[str, str]) -> None:
    """An event that names no version is validated against version 1; the handler gets the version."""
    stage.send(body(made(version, **data)))
    assert stage.deliver() == []
    (event,) = handler(stage).seen
    assert (event.contract_version, stage.decisions()) == (version or 1, ["processed"])


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (made(1, count=1), "thing.made/1: data.name is missing"),
        (made(2, name="a"), "thing.made/2: data.title is missing"),
        (made(3, name="a"), "thing.made/3 does not exist; the versions are 1, 2"),
        (made("herald:thing.made/0", name="a"), "dataschema is not herald:thing.made/<version>"),
        (made("herald:thing.lost/1", name="a"), "dataschema is not herald:thing.made/<version>"),
        (made("https://x/y.json", name="a"), "dataschema is not herald:thing.made/<version>"),
    ],
)
def test_what_breaks_its_contract_is_rejected_unseen(stage: Stage, event: dict[str, Any], reason: str) -> None:
    """The event is in the dead-letter queue with the reason, and the other events of the batch are processed."""
    stage.send(body(made(1, name="before")), body(event), body(made(1, name="after")))
    assert stage.deliver() == []
    assert [seen.data["name"] for seen in handler(stage).seen] == ["before", "after"]
    assert sorted(stage.decisions()) == ["processed", "processed", "rejected"]
    (dead_letter,) = stage.dead_letters()
    assert (dead_letter["reason"], dead_letter["error"], dead_letter["attempts"]) == (reason, "ContractError", 1)


@pytest.mark.parametrize(
    ("reads", "rejected"),
    [
        ("thing.made/1", {2: "thing.made/2: f reads 1 only", 3: "thing.made/3: f reads 1 only"}),
        ("thing.lost/3,thing.made/1,thing.made/2", {3: "thing.made/3: f reads 1, 2 only"}),
        ("thing.lost/3", {3: "thing.made/3 does not exist; the versions are 1, 2"}),
    ],
)
def test_an_event_of_a_version_that_the_function_does_not_read_is_rejected_unseen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, reads: str, rejected: dict[int, str]
) -> None:
    """The reason has the versions that the function reads; the handler does not get the event."""
    events = contracts.EVENTS
    install(stage, monkeypatch, READS=reads)
    monkeypatch.setattr(contracts, "EVENTS", events)
    stage.send(body(made(1, name="a")), body(made(2, title="A")), body(made(3, title="A")))
    assert stage.deliver() == []
    assert {event.contract_version for event in handler(stage).seen} == {1, 2, 3} - rejected.keys()
    assert sorted(dead_letter["reason"] for dead_letter in stage.dead_letters()) == sorted(rejected.values())
    assert {dead_letter["error"] for dead_letter in stage.dead_letters()} == {"ContractError"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"name": CARD}, 'data.name breaks pattern: "^[a-z]+$"'),
        ({"name": ""}, "data.name breaks minLength: 1"),
        ({"name": [CARD]}, 'data.name breaks type: "string"'),
        ({"name": "a", "count": CARD}, 'data.count breaks type: "integer"'),
        ({"name": "a", "count": -4111}, "data.count breaks minimum: 0"),
        ({"name": "a", "count": True}, 'data.count breaks type: "integer"'),
        ({"name": "a", "state": CARD}, 'data.state breaks enum: ["open", "closed"]'),
        ({"name": "a", "tags": [{"key": "x"}, {"value": CARD}]}, "data.tags[1].key is missing"),
        ({"name": "a", "tags": [{"key": str(n)} for n in range(3)]}, "data.tags breaks maxItems: 2"),
        ({"name": "a", "tags": [{"key": CARD}] * 2}, "data.tags breaks uniqueItems: true"),
        ({"name": "a", "sizes": {"large": CARD}}, 'data.sizes.large breaks type: "number"'),
        ({"name": "a", "value": CARD}, "data.value breaks anyOf: "),
    ],
)
def test_a_refusal_names_the_field_and_the_rule_and_no_value(stage: Stage, data: dict[str, Any], reason: str) -> None:
    """The reason names the field and the rule; neither the reason nor a log line has the value."""
    stage.send(body(made(**data)))
    stage.deliver()
    (dead_letter,) = stage.dead_letters()
    assert dead_letter["reason"].startswith(f"thing.made/1: {reason}")
    told = json.dumps([dead_letter, stage.rows()])
    assert (CARD in told, "-4111" in told) == (False, False)


def test_an_added_field_never_breaks_a_reader(stage: Stage) -> None:
    """Additional fields are accepted at any depth; defaults are not filled in, and formats are not checked."""
    data = {
        "name": "a",
        "new": 1,
        "tags": [{"key": "k", "new": {}}],
        "at": "yesterday",
        "value": {"unit": "m", "new": 1},
    }
    stage.send(body(made(1, **data)))
    assert stage.deliver() == []
    assert handler(stage).seen[0].data == data


def test_a_type_without_a_contract_passes_as_it_is(stage: Stage) -> None:
    """The schema that the event names is not checked."""
    stage.send(body(cloud_event(dataschema="https://example.com/customer.json", data={"any": ["thing"]})))
    assert stage.deliver() == []
    assert stage.decisions() == ["processed"]


@pytest.mark.parametrize("name", ["../thing.made", "thing.made/1.schema.json", "/etc/passwd", "x" * 2_000, "a\0b"])
@pytest.mark.usefixtures("stage")
def test_no_path_is_made_of_a_type(name: str) -> None:
    """The producer chooses the type; it is looked up among the known contracts, never in the file system."""
    contracts.accept(parse(body(cloud_event(type=name))))
    assert contracts.check_emitted(name, {}) is None


@pytest.mark.usefixtures("stage")
def test_an_event_without_cloudevents_attributes_is_held_all_the_same() -> None:
    """An event without `specversion` is validated too."""
    envelope = {"source": "shop", "detail-type": "thing.made", "id": "1", "time": "t", "detail": {"count": 1}}
    assert refusal(envelope) == "thing.made/1: data.name is missing"


def test_a_contract_is_compiled_once_a_worker(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling takes milliseconds, a validation microseconds."""
    real, compiled = fastjsonschema.compile, []

    def count(schema: dict[str, Any], **options: Any) -> Any:  # noqa: ANN401 - as compile has them
        compiled.append(schema)
        return real(schema, **options)

    monkeypatch.setattr(fastjsonschema, "compile", count)
    stage.send(*(body(made(name="a")) for _ in range(5)))
    assert stage.deliver() == []
    assert len(compiled) == 1


def test_without_a_contract_nothing_is_imported(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function without contracts does not import the validator at its cold start."""
    monkeypatch.setitem(sys.modules, "fastjsonschema", None)
    handler(stage).emits = [("thing.done", {})]
    stage.send(body(cloud_event()))
    assert stage.deliver() == []
    assert stage.decisions() == ["processed"]
    with pytest.raises(ImportError):
        contracts.check_emitted("thing.made", {})
