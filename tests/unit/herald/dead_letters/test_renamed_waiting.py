"""`herald why --wait` and the queues of a renamed function."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from herald.deployment.deployment import Deployment
from herald.investigate import startup, waiting
from herald.local import emulator


class Mappings:
    """Lambda's event source mappings of functions; the first one is disabled."""

    def __init__(self, *names: str) -> None:
        """Keep the names of the functions."""
        self.names = names

    def get_paginator(self, _listing: str) -> "Mappings":
        """Return itself."""
        return self

    def paginate(self) -> list[dict[str, Any]]:
        """List the mappings; each ARN ends in a version."""
        arn = "arn:aws:lambda:us-east-1:1:function:herald-dev-"
        states = zip(self.names, ("Disabled", "Enabled", "Enabled"), strict=False)
        return [{"EventSourceMappings": [{"FunctionArn": f"{arn}{name}:1", "State": state} for name, state in states]}]


@pytest.mark.parametrize(("mapped", "waited"), [(["new"], False), (["new", "old"], True), (["old"], True)])
def test_the_command_waits_for_queues_with_an_event_source_mapping(
    renamed: Deployment, mapped: list[str], *, waited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a rename is deployed, messages in the old queue need a redrive; before that, the function receives them."""
    ended: list[bool] = []

    def wait_until(condition: Callable[[], object], _seconds: float, *, every: float) -> bool:
        ended.append(emulator.wait_until(condition, 0.5, every=every))
        return ended[0]

    renamed._clients["lambda"] = Mappings("other", *mapped)  # noqa: SLF001 - `deployed` sets the other clients
    monkeypatch.setattr(startup, "failure", lambda *_: None)  # all functions can start
    monkeypatch.setattr(waiting, "TRANSIT_SECONDS", {"aws": 0.05})
    monkeypatch.setattr(waiting, "emulator", SimpleNamespace(wait_until=wait_until))
    monkeypatch.setattr(waiting, "History", lambda _deployment: SimpleNamespace(decisions=lambda _subject: []))
    waiting.wait(renamed, "thing/1", lambda _: None)
    assert ended == [not waited]
