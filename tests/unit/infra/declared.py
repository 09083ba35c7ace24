"""Repositories for tests of declarations: functions/ and events/ with the files that a test declares."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from infra.declarations import loader
from infra.declarations.spec import SpecError

GOOD: Final = """
description = "Welcome a customer."
owner = "sales-team"

[trigger]
samples = ["customer.created/ada"]
[trigger.pattern]
detail-type = ["customer.created"]
"""
EVENTS: Final[dict[str, dict[str, Any]]] = {
    "customer.created/ada.json": {"detail-type": "customer.created", "source": "crm", "detail": {}},
    "aws.s3/written.json": {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": "${bucket.outputs}"}, "object": {"key": "in/a"}},
    },
    "aws.iot/reading.json": {"topic": "devices/7/readings", "device": "7", "received_at": 1, "payload": ""},
    "a.happened/1.schema.json": {},
    "b.happened/1.schema.json": {},
    "a.happened/x.json": {"source": "herald.a", "detail-type": "a.happened"},
    "b.happened/x.json": {"source": "herald.b", "detail-type": "b.happened"},
}


def make_repository(root: Path) -> None:
    """Write the events and contracts above, and no function."""
    (root / "functions" / "runtime").mkdir(parents=True)
    for name, content in EVENTS.items():
        path = root / "events" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")


def declare(root: Path, name: str, toml: str) -> None:
    """Add the folder of one function."""
    folder = root / "functions" / name
    folder.mkdir()
    (folder / "function.toml").write_text(toml, encoding="utf-8")


def refusal(root: Path) -> str:
    """Return the message of the error that the loader raises."""
    with pytest.raises(SpecError) as refused:
        loader.load(root)
    return str(refused.value)


def changed(find: str, put: str) -> str:
    """Return the good declaration with a text replaced; GOOD appends the text."""
    return f"{GOOD}\n{put}" if find == "GOOD" else GOOD.replace(find, put)


def on(event_type: str, access: str) -> str:
    """Return the declaration of a function on `a.happened` or `b.happened`."""
    return f"""
description = "d"
owner = "o"
trigger.samples = ["{event_type}/x"]
trigger.pattern.detail-type = ["{event_type}"]
[access]
{access}
"""


def on_objects(key: str, access: str) -> str:
    """Return the declaration of a function on objects with matching keys."""
    return f"""
description = "d"
owner = "o"
trigger.samples = ["aws.s3/written"]
[trigger.pattern]
source = ["aws.s3"]
detail.bucket.name = ["${{bucket.outputs}}"]
detail.object.key = [{key}]
[access]
{access}
"""
