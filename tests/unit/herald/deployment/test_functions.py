"""Functions that are declared but not deployed, renamed, or without events in the journal."""

from types import SimpleNamespace
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.local import status
from infra.declarations import loader
from infra.declarations.spec import OWN_SECRET, FunctionSpec, HttpTrigger, Trigger

OUTPUTS: Final = {"BucketJournal": "journal", "Bus": "bus", "Ledger": "ledger", "Undelivered": "undelivered"}
SPEC: Final = FunctionSpec(
    name="take_orders",
    description="d",
    owner="shop",
    trigger=Trigger(samples=("s",), http=HttpTrigger()),
    secrets={"webhooks": OWN_SECRET},
)


def test_a_function_that_is_not_deployed_has_no_url_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are errors when asked for; `herald local status` leaves the function out and shows everything else."""
    monkeypatch.setattr(Deployment, "stack_outputs", lambda *_: {})
    with mock_aws():
        session = boto3.Session("test", "test", region_name="eu-west-1")
        made = Deployment(session, "dev")
        made.__dict__.update(specs={"take_orders": SPEC}, outputs=OUTPUTS)
        with pytest.raises(CommandError, match="take_orders is declared but not deployed: it has no URL yet"):
            functions.url(made, SPEC)
        with pytest.raises(CommandError, match="take_orders declares a secret of its own that is not deployed"):
            functions.own_secret(made, SPEC)
        described = status.describe(made)
    assert (described["endpoints"], described["own_secrets"], described["ledger"]) == ({}, {}, "ledger")


def test_the_journal_has_no_events_for_some_functions() -> None:
    """Replay refuses them: an empty pattern would match every event."""
    session: Any = SimpleNamespace()
    deployment = Deployment(session, "dev")
    deployment.__dict__["specs"] = {spec.name: spec for spec in loader.load()}
    deployment.__dict__["all_queues"] = {name: {"queue": name} for name in deployment.specs}
    with pytest.raises(CommandError, match="ingest_readings is not triggered by an event bus"):
        functions.pattern(deployment, "ingest_readings")
    for function in ("page_on_alarm", "close_public_bucket"):
        with pytest.raises(CommandError, match=f"the journal has no events for {function}: from AWS services it keeps"):
            functions.pattern(deployment, function)
    deployment.__dict__["outputs"] = {"BucketOutputs": "outputs-1"}
    assert functions.pattern(deployment, "summarise_test_report")["detail"]["bucket"]["name"] == ["outputs-1"]
