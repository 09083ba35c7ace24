"""A producer that puts CloudEvents on the bus, as a service outside Herald does."""

import json
from typing import Any

from tests.emulator.support.deployed import Aws
from tests.events import cloud_event

PER_CALL = 10  # the limit of PutEvents. Source: "PutEvents", Amazon EventBridge API Reference


def put_events(aws: Aws, *, copies: int = 1, **fields: Any) -> None:  # noqa: ANN401 - attributes of CloudEvents
    """Put copies of one CloudEvent on the bus."""
    detail = cloud_event(**fields)["detail"]
    entry = {
        "Source": detail["source"],
        "DetailType": detail["type"],
        "Detail": json.dumps(detail),
        "EventBusName": aws.deployment.outputs["Bus"],
    }
    for start in range(0, copies, PER_CALL):
        reply = aws.deployment.client("events").put_events(Entries=[entry] * min(PER_CALL, copies - start))
        assert not reply["FailedEntryCount"], reply


def stock(aws: Aws, sku: str, *, copies: int = 1, **fields: Any) -> None:  # noqa: ANN401 - attributes of CloudEvents
    """Report a stock level below the low mark, for which one purchase is requested."""
    data = {"sku": sku, "level": 40, "low_mark": 50, "refill_mark": 200, "pack_size": 25}
    known = {"source": "warehouse", "type": "stock.level_changed", "subject": f"item/{sku}", "sequence": "000001"}
    put_events(aws, copies=copies, data=data, **(known | fields))
