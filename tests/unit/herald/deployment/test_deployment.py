"""What a deployment says of functions that are declared, and not or no longer deployed."""

from types import SimpleNamespace
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from herald.deployment import functions, switch
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.local import local
from infra.declarations.spec import OWN_SECRET, FunctionSpec, HttpTrigger, Trigger

OUTPUTS: Final = {"BucketJournal": "journal", "Bus": "bus", "Ledger": "ledger", "Undelivered": "undelivered"}
SPEC: Final = FunctionSpec(
    name="take_orders",
    description="d",
    owner="shop",
    trigger=Trigger(samples=("s",), http=HttpTrigger()),
    secrets={"webhooks": OWN_SECRET},
)


def test_what_is_only_declared_has_no_url_and_no_secret_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for, it is a sentence; `herald local status` leaves it out and tells of all the others."""
    monkeypatch.setattr(Deployment, "_outputs", lambda *_: {})
    with mock_aws():
        session = boto3.Session("test", "test", region_name="eu-west-1")
        made = Deployment(session, "dev")
        made.__dict__.update(specs={"take_orders": SPEC}, outputs=OUTPUTS)
        with pytest.raises(CommandError, match="take_orders is declared, and not deployed: nothing answers"):
            functions.url(made, SPEC)
        with pytest.raises(CommandError, match="take_orders is deployed without a secret of its own"):
            functions.own_secret(made, SPEC)
        told = local.describe(made)
    assert (told["endpoints"], told["own_secrets"], told["ledger"]) == ({}, {}, "ledger")


@pytest.mark.parametrize(
    ("state", "running", "paused"),
    [("Enabled", ["f"], []), ("Enabling", ["f"], []), ("Disabled", [], ["f"]), ("Disabling", [], ["f"])],
)
def test_a_queue_that_nobody_takes_from_is_neither_running_nor_paused(
    state: str, running: list[str], paused: list[str]
) -> None:
    """As prod retains it of a function that is gone."""
    arn = "arn:aws:lambda:eu-west-1:1:function:herald-dev-f"
    page = {"EventSourceMappings": [{"FunctionArn": arn, "State": state}]}
    client: Any = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda: [page]))
    session: Any = None
    made = Deployment(session, "dev", _clients={"lambda": client})
    made.__dict__["all_queues"] = {"f": {}, "gone": {}}
    assert (switch.running(made), switch.paused(made)) == (running, paused)
