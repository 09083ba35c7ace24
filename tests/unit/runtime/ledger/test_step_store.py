"""Steps that `@idempotent_function` runs once, in the table of the ledger."""

import time
from typing import TYPE_CHECKING, cast

import pytest
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function

from functions.runtime.core import settings
from functions.runtime.ledger.ledger import ledger
from functions.runtime.ledger.run_key import RunKey
from functions.runtime.ledger.step_store import step_store
from functions.runtime.run import notices
from tests.unit.runtime.conftest import Context, World
from tests.unit.runtime.ledger.test_ledger import LEASE_MS, request

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def test_a_step_is_guarded_by_the_same_table(world: World) -> None:
    """A step store works with `@idempotent_function`; its rows are apart from those of runs."""
    calls = []
    ledger().claim([request("a", key=RunKey(subject="s3://b/k", function="f", identity="1"))], LEASE_MS)

    config = IdempotencyConfig(expires_after_seconds=60, lambda_context=cast("LambdaContext", Context()))

    @idempotent_function(  # type: ignore[untyped-decorator] # Powertools types it as Any
        data_keyword_argument="order",
        persistence_store=step_store(config),
        config=config,
    )
    def charge(*, order: str) -> str:
        calls.append(order)
        return f"charged {order}"

    assert [charge(order="7"), charge(order="7"), charge(order="8")] == ["charged 7", "charged 7", "charged 8"]
    assert calls == ["7", "8"]
    assert sorted(row["pk"].split("/")[0] for row in world.rows()) == ["s3:", "step", "step"]
    assert world.rows("s3://b/k")[0]["decision"] == "running"


@pytest.mark.parametrize("first", ["step", "notice"])
def test_a_step_and_a_notice_are_kept_as_each_is_configured(world: World, first: str) -> None:
    """A persistence layer of Powertools keeps its first configuration, so each configuration has a store of its own."""
    context = cast("LambdaContext", Context())
    checked = IdempotencyConfig(event_key_jmespath="id", payload_validation_jmespath="pence", expires_after_seconds=60)
    checked.register_lambda_context(context)

    @idempotent_function(  # type: ignore[untyped-decorator] # Powertools types it as Any
        data_keyword_argument="order", persistence_store=step_store(checked), config=checked, key_prefix="charge"
    )
    def charge(*, order: dict[str, int]) -> int:
        return order["pence"]

    def tell() -> None:
        notice = {"run": "r", "ordinal": 0, "topic": settings.resource("topic", "notices"), "title": "t"}
        for text in ("told", "told in other words"):
            notices.send_notice(notice | {"text": text}, context)

    acts = [lambda: charge(order={"id": 7, "pence": 1}), tell]
    for act in acts if first == "step" else reversed(acts):
        act()
    rows = {row["pk"].split("/")[1].split("#")[0]: row for row in world.rows()}
    days = {name: (int(row["expiration"]) - time.time()) / 86_400 for name, row in rows.items()}
    assert days == {"charge": pytest.approx(0, abs=0.01), "notice": pytest.approx(90, abs=0.01)}
    assert [name for name, row in rows.items() if row.get("validation")] == ["charge"]
    assert len(world.notices()) == 1


def test_a_step_in_a_step_has_a_row_of_its_own(world: World) -> None:
    """Each step keeps its result under its own prefix and configuration."""
    context = cast("LambdaContext", Context())
    outer, inner = (IdempotencyConfig(expires_after_seconds=60, lambda_context=context) for _ in range(2))
    calls: list[str] = []

    @idempotent_function(  # type: ignore[untyped-decorator] # Powertools types it as Any
        data_keyword_argument="order", persistence_store=step_store(inner), config=inner, key_prefix="charge"
    )
    def charge(*, order: str) -> str:
        calls.append("charge")
        return f"charged {order}"

    @idempotent_function(  # type: ignore[untyped-decorator] # Powertools types it as Any
        data_keyword_argument="order", persistence_store=step_store(outer), config=outer, key_prefix="ship"
    )
    def ship(*, order: str) -> str:
        calls.append("ship")
        return f"{charge(order=order)} and shipped"

    assert [ship(order="7"), ship(order="7"), charge(order="7")] == ["charged 7 and shipped"] * 2 + ["charged 7"]
    assert calls == ["ship", "charge"]
    assert sorted(row["pk"].split("#")[0] for row in world.rows()) == ["step/charge", "step/ship"]
