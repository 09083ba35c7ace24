"""The message for a reviewer when a contract changes in a breaking way."""

import json
from typing import Any, Final

from infra.contracts import contracts
from infra.contracts.changes import refusals
from infra.contracts.contracts import Contracts
from infra.declarations.spec import Access, FunctionSpec, Trigger

BEFORE: Final = {"type": "object", "properties": {"count": {"type": "integer"}, "note": {"type": "string"}}}


def function(name: str, emit: tuple[str, ...] = (), **pattern: Any) -> FunctionSpec:  # noqa: ANN401 - a pattern's fields
    """Declare a function on a pattern."""
    fields = {key.replace("_", "-"): wanted for key, wanted in pattern.items()}
    trigger = Trigger(samples=("s",), pattern=fields)
    return FunctionSpec(name=name, description="d", owner="o", trigger=trigger, access=Access(emit=emit))


SPECS: Final = (
    function("count", emit=("thing.made",), source=["aws.s3"]),
    function("tell", detail_type=[{"prefix": "thing."}]),
    function("idle", detail_type=["other.made"]),
)


def known(**schemas: dict[str, Any]) -> Contracts:
    """Return the versions of the contract `thing.made`, given as v1, v2."""
    return contracts.parse(
        {f"events/thing.made/{version[1:]}.schema.json": json.dumps(schema) for version, schema in schemas.items()}
    )


def sentences(before: Contracts, now: Contracts) -> list[str]:
    """Return the messages about changes since main."""
    return [refusal.sentence for refusal in refusals(before, now, SPECS, "main")]


def test_a_refusal_has_all_that_a_reviewer_needs() -> None:
    """The file, the field, its old and new form, the revision, the broken functions, and the remedy."""
    now = BEFORE | {"properties": {"count": {"type": "string"}, "note": {"type": "string"}}}
    (sentence,) = sentences(known(v1=BEFORE), known(v1=now))
    assert sentence == (
        "events/thing.made/1.schema.json: data.count was integer at main and is string now: "
        "this breaks tell (consumes it) and count (emits it); "
        "restore version 1 and make the change in events/thing.made/2.schema.json"
    )


def test_only_broken_functions_are_named() -> None:
    """A looser type breaks consumers only, a newly required field producers only."""
    wider, stricter = BEFORE | {"type": ["object", "null"]}, BEFORE | {"required": ["note"]}
    (widened,), (required,) = (sentences(known(v1=BEFORE), known(v1=now)) for now in (wider, stricter))
    assert "this breaks tell (consumes it); restore" in widened
    assert "this breaks count (emits it); restore" in required


def test_a_contract_without_functions_here_must_not_change_either() -> None:
    """Its consumers and producers may be in another repository."""
    (refusal,) = refusals(known(v1=BEFORE), known(v1=BEFORE | {"required": ["note"]}), (), "main")
    assert "this breaks consumers or producers outside this repository; restore" in refusal.sentence


def test_a_new_major_version_is_a_new_file() -> None:
    """It may differ from the old version in any way."""
    assert sentences(known(v1=BEFORE), known(v1=BEFORE, v2={})) == []


def test_a_new_major_version_does_not_free_the_old_one() -> None:
    """A change of both is refused; the message names the file for the change."""
    (sentence,) = sentences(known(v1=BEFORE), known(v1=BEFORE | {"required": ["note"]}, v2={}))
    assert "make the change in events/thing.made/2.schema.json" in sentence


def test_a_contract_must_not_be_removed() -> None:
    """Even if a newer version exists: queues and the journal contain events of the old version."""
    (sentence,) = sentences(known(v1=BEFORE), known(v2=BEFORE))
    assert sentence == (
        "events/thing.made/1.schema.json: data was described at main and is removed now: "
        "this breaks tell (consumes it) and count (emits it); "
        'restore it with "deprecated": true, and remove it when no producer sends it'
    )


def test_a_deprecated_contract_may_be_removed() -> None:
    """It had `deprecated` at the earlier revision."""
    old = BEFORE | {"deprecated": True}
    assert sentences(known(v1=BEFORE), known(v1=old, v2={})) == []
    assert sentences(known(v1=old, v2={}), known(v2={})) == []


def test_a_new_contract_is_compatible() -> None:
    """There is no earlier version."""
    assert sentences({}, known(v1=BEFORE)) == []
