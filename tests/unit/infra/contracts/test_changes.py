"""The sentence that a reviewer reads when a contract of before is no longer kept."""

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
    """Return the versions of the contract of `thing.made`, given as v1, v2."""
    return contracts.parse(
        {f"events/thing.made/{version[1:]}.schema.json": json.dumps(schema) for version, schema in schemas.items()}
    )


def sentences(before: Contracts, now: Contracts) -> list[str]:
    """Return what is said of what became of contracts since main."""
    return [refusal.sentence for refusal in refusals(before, now, SPECS, "main")]


def test_a_refusal_says_all_that_a_reviewer_needs() -> None:
    """The file, the field, what it was and is, where, who would break by it, and what to do instead."""
    now = BEFORE | {"properties": {"count": {"type": "string"}, "note": {"type": "string"}}}
    (sentence,) = sentences(known(v1=BEFORE), known(v1=now))
    assert sentence == (
        "events/thing.made/1.schema.json: data.count was integer at main and is string now: "
        "this breaks tell (consumes it) and count (emits it); "
        "keep version 1 as it was, and let events/thing.made/2.schema.json say the new"
    )


def test_who_is_not_touched_is_not_named() -> None:
    """A widened type surprises readers alone, a field that is required now stops writers alone."""
    wider, stricter = BEFORE | {"type": ["object", "null"]}, BEFORE | {"required": ["note"]}
    (widened,), (required,) = (sentences(known(v1=BEFORE), known(v1=now)) for now in (wider, stricter))
    assert "this breaks tell (consumes it); keep" in widened
    assert "this breaks count (emits it); keep" in required


def test_a_contract_that_nobody_here_uses_is_kept_all_the_same() -> None:
    """Its readers and writers may stand in another repository."""
    (refusal,) = refusals(known(v1=BEFORE), known(v1=BEFORE | {"required": ["note"]}), (), "main")
    assert "this breaks no function here, but whoever reads or sends it elsewhere; keep" in refusal.sentence


def test_a_new_major_version_is_a_new_file() -> None:
    """Beside the old one it may say anything."""
    assert sentences(known(v1=BEFORE), known(v1=BEFORE, v2={})) == []


def test_a_new_major_version_does_not_free_the_old_one() -> None:
    """Changing both is refused, with the file that the change belongs into."""
    (sentence,) = sentences(known(v1=BEFORE), known(v1=BEFORE | {"required": ["note"]}, v2={}))
    assert "let events/thing.made/2.schema.json say the new" in sentence


def test_a_contract_does_not_vanish() -> None:
    """Not even with a newer one beside it: events of it are on their way, and in the journal."""
    (sentence,) = sentences(known(v1=BEFORE), known(v2=BEFORE))
    assert sentence == (
        "events/thing.made/1.schema.json: data was promised at main and is gone now: "
        "this breaks tell (consumes it) and count (emits it); "
        'let it say "deprecated": true first, until nothing sends it'
    )


def test_a_contract_may_go_that_was_said_to_go() -> None:
    """`deprecated` stood in it at the revision of before."""
    old = BEFORE | {"deprecated": True}
    assert sentences(known(v1=BEFORE), known(v1=old, v2={})) == []
    assert sentences(known(v1=old, v2={}), known(v2={})) == []


def test_a_new_type_is_nobodys_concern() -> None:
    """There was nothing to keep."""
    assert sentences({}, known(v1=BEFORE)) == []
