"""The state of event source mappings decides whether a function is running or paused."""

from types import SimpleNamespace
from typing import Any

import pytest

from herald.deployment import switch
from herald.deployment.deployment import Deployment


@pytest.mark.parametrize(
    ("state", "running", "paused"),
    [("Enabled", ["f"], []), ("Enabling", ["f"], []), ("Disabled", [], ["f"]), ("Disabling", [], ["f"])],
)
def test_a_queue_without_an_event_source_mapping_is_neither_running_nor_paused(
    state: str, running: list[str], paused: list[str]
) -> None:
    """Such a queue is retained in prod after its function is deleted."""
    arn = "arn:aws:lambda:eu-west-1:1:function:herald-dev-f"
    page = {"EventSourceMappings": [{"FunctionArn": arn, "State": state}]}
    client: Any = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda: [page]))
    session: Any = None
    made = Deployment(session, "dev", _clients={"lambda": client})
    made.__dict__["all_queues"] = {"f": {}, "gone": {}}
    assert (switch.running(made), switch.paused(made)) == (running, paused)
