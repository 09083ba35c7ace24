"""A stand-in for DynamoDB's BatchExecuteStatement, which moto cannot do: the two statements that the ledger writes.

It holds to the shapes that were seen on the local AWS, whose own PartiQL the emulator suite uses.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

INSERT: Final = re.compile(r"""INSERT INTO "(?P<table>[^"]+)" VALUE \{(?P<fields>.*)\}""")
UPDATE: Final = re.compile(r"""UPDATE "(?P<table>[^"]+)" (?P<sets>.*) WHERE (?P<conditions>.*)""")
VALUE: Final = r"(\?|-?\d+)"

type Item = dict[str, Any]
type Key = tuple[str, str]


def answer(
    statement: Mapping[str, Any], load: Callable[[Key], Item | None], store: Callable[[Item], None]
) -> dict[str, Any]:
    """Run one statement against a table that is read and written through two functions; return its answer."""
    text, parameters = statement["Statement"], iter(statement["Parameters"])
    inserted = INSERT.fullmatch(text)
    if inserted:
        item = dict(_pairs(inserted["fields"], rf"'([^']+)': {VALUE}", parameters))
        if load(_key(item)) is not None:
            return _error("DuplicateItem")
        store(item)
        return {"TableName": inserted["table"]}
    updated = UPDATE.fullmatch(text)
    assert updated, text
    values = dict(_pairs(updated["sets"], rf'SET "([^"]+)"={VALUE}', parameters))
    expected = dict(_pairs(updated["conditions"], rf'(?:^| AND )"([^"]+)"={VALUE}', parameters))
    found = load(_key(expected))
    if found is None or any(found.get(name) != value for name, value in expected.items()):
        return _error("ConditionalCheckFailed")
    store(found | values)
    return {"TableName": updated["table"]}


def _pairs(text: str, each: str, parameters: Iterator[Any]) -> Iterator[tuple[str, Any]]:
    found = re.findall(each, text)
    return ((name, next(parameters) if value == "?" else {"N": value}) for name, value in found)


def _key(item: Mapping[str, Any]) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def _error(code: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": code}}


class Table:
    """An in-memory DynamoDB with one table and the calls of claim and settle.

    `calls` names each call, `written` holds each item that was written, as it then was.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.items: dict[Key, Item] = {}
        self.calls: list[str] = []
        self.written: list[Item] = []

    def batch_execute_statement(self, *, Statements: list[Any]) -> dict[str, Any]:  # noqa: N803 - boto3's keyword
        """Run statements one after the other."""
        self.calls.append("BatchExecuteStatement")
        assert len(Statements) <= 25
        named: list[Key] = []

        def load(key: Key) -> Item | None:
            if key in named:  # not documented; as an assertion it would be caught as a fault of DynamoDB
                pytest.fail(f"two statements of one batch name the item {key}")
            named.append(key)
            return self.items.get(key)

        return {"Responses": [answer(each, load, self._store) for each in Statements]}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's keyword
        """Read items by key."""
        self.calls.append("BatchGetItem")
        ((name, request),) = RequestItems.items()
        keys = [_key(key) for key in request["Keys"]]
        assert len(keys) == len(set(keys)) <= 100
        assert request["ConsistentRead"]
        return {"Responses": {name: [self.items[key] for key in keys if key in self.items]}, "UnprocessedKeys": {}}

    def _store(self, item: Item) -> None:
        self.items[_key(item)] = item
        self.written.append(item)
