"""Loops of functions that trigger themselves are refused before they are deployed."""

from pathlib import Path

import pytest

from infra.declarations import loader
from tests.unit.infra.declarations.checks.test_declared_trigger import ON_TOPIC
from tests.unit.infra.declared import declare, on, on_objects, refusal


def test_an_event_does_not_reach_a_topic(root: Path) -> None:
    """A function that a topic runs cannot be run by an event or an object of its own."""
    declare(root, "take", ON_TOPIC + '[access]\nemit = ["a.happened"]\nwrite = ["bucket.outputs/*"]')
    assert [spec.name for spec in loader.load(root)] == ["take"]


def test_an_emit_that_triggers_the_function_itself_is_refused(root: Path) -> None:
    """The message names the file, the key and the loop."""
    declare(root, "echo", on("a.happened", 'emit = ["a.happened"]'))
    assert refusal(root) == (
        "functions/echo/function.toml: access.emit 'a.happened' can trigger the function itself: echo → echo"
    )


def test_a_loop_through_others_is_refused(root: Path) -> None:
    """The message contains every step."""
    declare(root, "ping", on("a.happened", 'emit = ["b.happened"]'))
    declare(root, "pong", on("b.happened", 'emit = ["a.happened"]'))
    assert refusal(root).endswith("access.emit 'b.happened' can trigger the function itself: ping → pong → ping")


@pytest.mark.parametrize(
    ("key", "write"),
    [
        ('{ prefix = "in/" }', "bucket.outputs/in/*"),
        ('{ prefix = "in/" }', "bucket.outputs/i*"),
        ('{ prefix = "in/" }', "bucket.outputs/in/done/*"),
        ('"in/a"', "bucket.outputs/in/*"),
        ('{ suffix = "a" }', "bucket.outputs/done/*"),
    ],
)
def test_a_write_that_may_trigger_the_function_itself_is_refused(root: Path, key: str, write: str) -> None:
    """Overlapping prefixes in both directions, an exact key below a prefix, and every other operator."""
    declare(root, "move", on_objects(key, f'write = ["{write}"]'))
    assert f"access.write '{write}' can trigger the function itself: move → move" in refusal(root)


@pytest.mark.parametrize("write", ["bucket.outputs/done/*", "bucket.artifacts/in/*", "bucket.outputs/in"])
def test_a_write_outside_the_trigger_is_valid(root: Path, write: str) -> None:
    """Another prefix, another bucket, a key that does not match."""
    declare(root, "move", on_objects('{ prefix = "in/" }', f'write = ["{write}"]'))
    assert [spec.name for spec in loader.load(root)] == ["move"]


def test_a_chain_is_not_a_loop(root: Path) -> None:
    """One function may run the next."""
    declare(root, "ping", on("a.happened", 'emit = ["b.happened"]'))
    declare(root, "pong", on("b.happened", ""))
    assert len(loader.load(root)) == 2
