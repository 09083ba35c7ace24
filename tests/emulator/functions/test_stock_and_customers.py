"""Ten events each of stock levels and of customers, including duplicates, stale and invalid ones."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

from tests.emulator.functions.reader import Reader
from tests.emulator.support.deployed import Aws
from tests.events import cloud_event

EMITTED: Final = ("purchase.requested", "customer.onboarded")
STOCK: Final = {"sku": "journey", "level": 60, "low_mark": 50, "refill_mark": 200, "pack_size": 25}
NAME, EMAIL = "Jöurney Contact", "journey@example.com"
CUSTOMER: Final = {"id": "journey", "name": NAME, "email": EMAIL, "created_at": "2026-11-12T09:00:00Z"}


@pytest.fixture(scope="module")
def emitted(aws: Aws) -> Iterator[Reader]:
    """Create a rule and a queue for the events of the functions."""
    reader, events, bus = Reader(aws, "business-events"), aws.deployment.client("events"), aws.deployment.outputs["Bus"]
    pattern = json.dumps({"detail-type": EMITTED})
    events.put_rule(Name="business", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="business", EventBusName=bus, Targets=[{"Id": "reader", "Arn": reader.arn}])
    yield reader
    events.remove_targets(Rule="business", EventBusName=bus, Ids=["reader"])
    events.delete_rule(Name="business", EventBusName=bus)


def send(aws: Aws, function: str, events: Sequence[Mapping[str, Any]]) -> None:
    """Put CloudEvents on the bus one by one; wait after each until the queue of the function is empty.

    The local bus delivers events to queues before it answers, so an empty queue has been processed.
    """
    for event in events:
        detail = event["detail"]
        entry = {"Source": detail["source"], "DetailType": detail["type"], "Detail": json.dumps(detail)}
        reply = aws.deployment.client("events").put_events(
            Entries=[entry | {"EventBusName": aws.deployment.outputs["Bus"]}]
        )
        assert not reply["FailedEntryCount"]
        aws.drain(function)


def decided(aws: Aws, subject: str, runs: int) -> list[str]:
    """Return the decisions about a subject in the order of the first claims."""
    return [each["decision"] for each in aws.decisions(subject, runs=runs)]


def level(number: int | None, units: Any, **record: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the event
    """Return the event of a stock level."""
    data = STOCK | {"level": units} | record
    sequence = None if number is None else f"{number:06}"
    return cloud_event(
        source="warehouse",
        type="stock.level_changed",
        subject=f"item/{data['sku']}",
        sequence=sequence,
        data=data,
    )


def test_a_purchase_is_requested_once_per_breach(aws: Aws, emitted: Reader) -> None:
    """In ten events the level falls below the low mark twice, with a refill between."""
    breach = level(2, 37)
    unordered = level(None, 10)
    events = [
        level(1, 60),
        breach,
        breach,
        level(4, 30),
        level(3, 45),  # stale
        level(5, "many"),
        unordered,
        level(6, 212),
        level(7, 49),
        level(1, 0, sku="journey-never", low_mark=0),
    ]
    send(aws, "replenish_stock", events)
    requests = emitted.until(lambda event: event["detail-type"] == "purchase.requested", 2)
    assert [(event["detail"]["data"]["level"], event["detail"]["data"]["quantity"]) for event in requests] == [
        (37, 175),
        (49, 175),
    ]
    assert sorted(decided(aws, "item/journey", 7)) == ["processed"] * 5 + ["rejected", "stale"]
    (invalid,) = aws.decisions("queue/replenish_stock")
    assert invalid["reason"].startswith("sequence is missing in stock.level_changed")
    assert aws.decisions("item/journey-never", runs=0) == []


def created(source: str = "crm", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the event
    """Return the event of a new customer, with a unique id and no sequence."""
    customer = CUSTOMER | data
    return cloud_event(source=source, subject=f"customer/{customer['id']}", data=customer)


def test_a_customer_is_onboarded_once(aws: Aws, emitted: Reader) -> None:
    """Ten events about three customers make two checklists; the log and the ledger have no personal data."""
    first = created()
    renamed = created(id="journey-2")
    renamed["detail"]["subject"] = "customer/journey-3"
    events = [
        first,
        first,
        created(),
        created(company="Example Ltd", name="Jöurney Successor"),
        created("herald.receive_webhook"),
        created(email=f"{NAME} at home", id="journey-3"),
        renamed,
        created(created_at=EMAIL, id="journey-3"),
        created(id="journey-2"),
        created(id="journey-2"),
    ]
    send(aws, "onboard_customer", events)
    onboarded = emitted.until(lambda event: event["detail-type"] == "customer.onboarded", 2)
    assert [event["detail"]["data"]["id"] for event in onboarded] == ["journey", "journey-2"]
    assert decided(aws, "customer/journey", 4) == ["processed"] * 4
    assert decided(aws, "customer/journey-2", 2) == ["processed"] * 2
    assert decided(aws, "customer/journey-3", 3) == ["rejected"] * 3
    s3, bucket = aws.deployment.client("s3"), aws.deployment.bucket("artifacts")
    versions = s3.list_object_versions(Bucket=bucket, Prefix="onboarding/journey")["Versions"]
    assert [each["Key"] for each in versions] == ["onboarding/journey-2.json", "onboarding/journey.json"]
    checklist = json.loads(s3.get_object(Bucket=bucket, Key="onboarding/journey.json")["Body"].read())
    assert checklist["contact"] == {"name": NAME, "email": EMAIL}
    assert personal(aws) == []


def personal(aws: Aws) -> list[str]:
    """Return the lines and rows with personal data; AssertionError: the log or the ledger has no entry at all."""
    table = aws.deployment.outputs["Ledger"]
    rows = [
        str(item)
        for page in aws.deployment.client("dynamodb").get_paginator("scan").paginate(TableName=table)
        for item in page["Items"]
    ]
    group = "/aws/lambda/herald-dev-onboard_customer"
    lines = [
        event["message"] for event in aws.deployment.client("logs").filter_log_events(logGroupName=group)["events"]
    ]
    assert any("customer/journey" in row for row in rows)
    assert any("customer/journey" in line for line in lines)
    return [text for text in [*rows, *lines] if any(word in text for word in (EMAIL, "urney Contact", "Successor"))]
