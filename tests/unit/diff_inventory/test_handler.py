"""What the function does with the version before: the one it processed, whatever S3 lists."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from functions.diff_inventory.handler import handle
from functions.runtime import Event, Permanent
from functions.runtime.core.event import Previous
from functions.runtime.envelopes.envelope import parse
from tests.doubles import RecordingRun, run_handler
from tests.events import body, object_created

BEFORE = json.dumps(
    {"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [{"type": "library", "name": "a", "version": "1"}]}
).encode()
AFTER = BEFORE.replace(b'"1"', b'"2"')


class VersionedRun(RecordingRun):
    """Reads the event's object and, where it is still kept, that of the event before."""

    def __init__(self, content: bytes, before: bytes | None, kind: str | None = "Object Created") -> None:
        """Have a previous event of a kind, None where this is the first."""
        super().__init__(content)
        self._before = before
        kept = {"id": "0", "type": kind, "time": "2026-11-12T00:00:00Z", "sequence": "0"}
        self.previous = Previous.of(kept, event()) if kind else None

    def read(self, wanted: Any) -> bytes:  # noqa: ANN401 - an Event or a Previous
        """Return the one or the other."""
        if isinstance(wanted, Event):
            return super().read(wanted)
        if self._before is None:
            raise Permanent("it was deleted before it was read")
        return self._before


def event(kind: str = "Object Created") -> Event:
    """Return S3's event."""
    return parse(body(object_created("inventories/shop.json") | {"detail-type": kind}))


def told(run: RecordingRun) -> Mapping[str, Any]:
    """Return the data of the one event that was emitted."""
    ((name, data, _),) = run.emitted
    assert name == "inventory.changed"
    assert list(run.written) == [("artifacts", "inventories/shop.json.changes.json")]
    return data


def handled(run: RecordingRun, kind: str = "Object Created") -> RecordingRun:
    """Return the run after the handler."""
    run_handler(handle, event(kind), run)
    return run


def test_an_upgrade_is_told() -> None:
    """From which version to which; the whole list lies in an object."""
    run = handled(VersionedRun(AFTER, BEFORE))
    data = told(run)
    assert data["baseline"] is False
    assert data["upgraded"] == [{"name": "a", "from": "1", "to": "2"}]
    assert json.loads(run.written["artifacts", "inventories/shop.json.changes.json"])["upgraded"][0]["to"] == "2"


def test_the_same_content_again_tells_nobody() -> None:
    """No event, no object."""
    run = handled(VersionedRun(AFTER, AFTER))
    assert (run.emitted, run.written) == ([], {})


@pytest.mark.parametrize(
    "run", [VersionedRun(AFTER, None, kind=None), VersionedRun(AFTER, None)], ids=["first", "gone"]
)
def test_without_a_version_before_all_is_added(run: VersionedRun) -> None:
    """The first, and one whose version before the lifecycle has deleted."""
    data = told(handled(run))
    assert data["baseline"] is True
    assert data["counts"]["added"] == 1


def test_a_deleted_inventory_has_lost_everything() -> None:
    """The deletion is an event like any other, and is not read."""
    assert told(handled(VersionedRun(b"", BEFORE), "Object Deleted"))["removed"] == [{"name": "a", "version": "1"}]


def test_an_inventory_that_comes_back_is_compared_with_nothing() -> None:
    """What was processed before was its deletion: that is a version to compare with, an empty one."""
    data = told(handled(VersionedRun(AFTER, None, kind="Object Deleted")))
    assert (data["baseline"], data["counts"]["added"]) == (False, 1)


def test_what_is_no_inventory_is_permanent() -> None:
    """Trying again would not make it one."""
    with pytest.raises(Permanent, match="bomFormat"):
        handled(VersionedRun(b"{}", BEFORE))
