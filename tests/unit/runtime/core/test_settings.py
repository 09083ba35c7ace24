"""What a declaration's [settings] become: the function's own dataclass, or a sentence that names the key."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from functions.runtime.core.errors import SettingsError
from functions.runtime.core.settings import declared


@dataclass(frozen=True)
class Quiet:
    """Settings of some function."""

    seconds: int
    share: float = 0.5
    loud: bool = False
    words: tuple[str, ...] = ()
    ports: list[int] = field(default_factory=lambda: [80, 443])
    title: str | None = None
    mode: Literal["fast", "slow"] = "fast"
    limits: tuple[int, ...] | None = None
    odd: Any = None


def read(monkeypatch: pytest.MonkeyPatch, **settings: object) -> Quiet:
    """Read settings as a fresh worker does."""
    monkeypatch.setenv("HERALD_SETTINGS", json.dumps(settings))
    declared.__globals__["_declared"].cache_clear()
    return declared(Quiet)


def test_settings_are_a_dataclass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are tuples, a whole number will do for a fraction, and what is left out has its default."""
    assert read(monkeypatch, seconds=900, share=1, words=["a"]) == Quiet(900, 1, words=("a",))
    made = read(monkeypatch, seconds=1, ports=[8080], title="t", mode="slow", limits=[1])
    assert made == Quiet(1, ports=[8080], title="t", mode="slow", limits=(1,))
    assert read(monkeypatch, seconds=1).ports == [80, 443]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "settings.seconds is missing in function.toml"),
        ({"seconds": 1, "quite": 2}, "settings.quite of function.toml is not a field of Quiet"),
        ({"seconds": "soon"}, "settings.seconds of function.toml is str, not int"),
        ({"seconds": True}, "settings.seconds of function.toml is bool, not int"),
        ({"seconds": 1.5}, "settings.seconds of function.toml is float, not int"),
        ({"seconds": 1, "loud": 1}, "settings.loud of function.toml is int, not bool"),
        ({"seconds": 1, "words": "a"}, r"settings.words of function.toml is str, not tuple\[str, \.\.\.\]"),
        ({"seconds": 1, "words": [1]}, r"settings.words of function.toml is list, not tuple\[str, \.\.\.\]"),
        ({"seconds": 1, "ports": ["a"]}, r"settings.ports of function.toml is list, not list\[int\]"),
        ({"seconds": 1, "title": 1}, r"settings.title of function.toml is int, not str \| None"),
        (
            {"seconds": 1, "mode": "slwo"},
            r"settings.mode of function.toml is str, not typing.Literal\['fast', 'slow'\]",
        ),
        ({"seconds": 1, "odd": 1}, "settings.odd of function.toml is int, not Any"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], reason: str
) -> None:
    """The sentence names the key, and what it should be; it does not quote the value, which may be a secret."""
    with pytest.raises(SettingsError, match=f"^{reason}"):
        read(monkeypatch, **settings)
