"""The AsyncAPI document: it holds together, and says who sends and who receives what, by which contract."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from herald.catalog import asyncapi
from infra.declarations import loader
from tests.repositories import generate, hostile, read


@pytest.mark.parametrize("kind", ["this repository", "100 functions", "hostile"])
def test_a_document_holds_together(kind: str, tmp_path: Path) -> None:
    """Every reference in it leads somewhere, and what an operation takes is a message of its channel."""
    root = generate(tmp_path, 100) if kind == "100 functions" else loader.ROOT
    document = asyncapi.document(hostile() if kind == "hostile" else read(root))
    assert document["asyncapi"] == "3.0.0"
    for reference in references(document):
        assert isinstance(resolved(document, reference), dict), reference
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"]
        assert operation["action"] in {"send", "receive"}
        assert all(each["$ref"].startswith(f"{channel}/messages/") for each in operation["messages"])
    keys = [*document["channels"], *document["components"]["messages"], *document["components"]["schemas"]]
    assert [key for key in keys if not re.fullmatch(r"[\w.\-]+", key)] == []


def test_a_document_says_who_sends_and_who_receives() -> None:
    """One operation for each, with the payload's contract behind it."""
    document = asyncapi.document(read(loader.ROOT))
    sent = document["operations"]["summarise_test_report.send.report.published"]
    received = document["operations"]["notify.receive.report.published"]
    assert sent["channel"] == received["channel"] == {"$ref": "#/channels/report.published"}
    message = resolved(document, resolved(document, sent["messages"][0]["$ref"])["$ref"])
    assert message["payload"]["properties"]["type"] == {"const": "report.published"}
    data = resolved(document, message["payload"]["properties"]["data"]["$ref"])
    assert "failures" in data["required"]
    assert "inventory.changed.1/definitions/move" in json.dumps(document)


def references(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Return every reference in a document."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for below in value.values() for each in references(below)]
    return [each for below in value for each in references(below)] if isinstance(value, list) else []


def resolved(document: Any, reference: str) -> Any:  # noqa: ANN401 - JSON
    """Return what a reference names; KeyError when it names nothing."""
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document
