"""Folders that the S3 console creates: empty objects with a key that ends in a slash."""

from typing import Any

import pytest

from functions.runtime import Event, Run
from tests.events import BUCKET, body, object_created
from tests.unit.runtime.conftest import World
from tests.unit.runtime.run.test_run import put

FOLDER = f"s3://{BUCKET}/reports/"
REASON = "the object is a folder: its key ends in '/' and its size is 0 bytes"


def written(key: str = "reports/", **obj: Any) -> str:  # noqa: ANN401 - fields of S3
    """Return the event of a write."""
    return body(object_created(key, **obj))


def deleted(key: str = "reports/", **obj: Any) -> str:  # noqa: ANN401 - fields of S3
    """Return the event of a deletion, which has no size."""
    return body(object_created(key, **{"size": None} | obj) | {"detail-type": "Object Deleted"})


def delivered(world: World, *messages: str, request_id: str = "request-1") -> list[str]:
    """Deliver messages; return the keys of the events that the handler received."""
    seen: list[str] = []

    def handle(event: Event, run: Run) -> None:
        seen.append(event.subject.removeprefix(f"s3://{BUCKET}/"))
        run.emit("report.published", {"n": 1}, subject=event.subject)

    world.send(*messages)
    assert world.deliver(handle, request_id=request_id) == []
    return seen


@pytest.mark.parametrize("order", ["none", "newest"])
@pytest.mark.parametrize("key", ["reports/", "reports/2026/11/", "/", "reports//"])
def test_a_folder_is_ignored_with_the_reason(
    world: World, monkeypatch: pytest.MonkeyPatch, key: str, order: str
) -> None:
    """The handler does not receive it, there is no dead letter, and the row has the reason; the others run."""
    monkeypatch.setenv("HERALD_ORDER", order)
    version = put(key, b"")
    assert delivered(world, written(key, size=0, version=version), written("reports/a.xml")) == ["reports/a.xml"]
    (row,) = [row for row in world.rows(f"s3://{BUCKET}/{key}") if "decision" in row]
    assert (row["decision"], row["reason"], row["status"]) == ("ignored", REASON, "COMPLETED")
    assert [each["subject"] for each in world.emitted()] == [f"s3://{BUCKET}/reports/a.xml"]
    assert (world.dead_letters(), world.waiting()) == ([], 0)


@pytest.mark.parametrize(
    ("key", "size"), [("reports/empty.xml", 0), ("reports/", 1), ("reports", 0), ("reports/a_$folder$", 0)]
)
def test_an_object_that_is_not_a_folder_runs(world: World, key: str, size: int) -> None:
    """The handler receives empty files, and objects with content under a key like a folder's."""
    assert delivered(world, written(key, size=size)) == [key]


def test_the_deletion_of_a_folder_is_ignored_where_nothing_was_processed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Creating and deleting a folder runs nothing; the deletion of processed content runs."""
    monkeypatch.setenv("HERALD_ORDER", "newest")
    for number, message in enumerate([written(size=0), deleted(), written(size=0)]):
        assert delivered(world, message, request_id=f"folder-{number}") == []
    decisions = [row["decision"] for row in world.rows(FOLDER) if "decision" in row]
    assert decisions == ["ignored"] * 3
    assert delivered(world, written(size=5), request_id="content") == ["reports/"]
    assert delivered(world, deleted(), request_id="deletion") == ["reports/"]


def test_a_function_without_an_order_receives_every_deletion(world: World) -> None:
    """Without an order, the ledger does not record whether the object had content."""
    assert delivered(world, deleted()) == ["reports/"]
