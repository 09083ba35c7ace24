"""A fake of DynamoDB's BatchExecuteStatement for the two statements of the ledger, which moto does not support.

Its responses have the shapes of the local AWS; the tests in tests/emulator use the PartiQL of the local AWS itself.
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
    """Run one statement on a table that `load` reads and `store` writes; return the response."""
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
    """A client of DynamoDB with one table in memory and the calls that the ledger makes.

    `calls` has the name of each call, `written` each item after each write.
    """

    def __init__(self) -> None:
        """Start with no items."""
        self.items: dict[Key, Item] = {}
        self.calls: list[str] = []
        self.written: list[Item] = []

    def batch_execute_statement(self, *, Statements: list[Any]) -> dict[str, Any]:  # noqa: N803 - boto3's keyword
        """Run statements in order."""
        self.calls.append("BatchExecuteStatement")
        assert len(Statements) <= 25
        named: list[Key] = []

        def load(key: Key) -> Item | None:
            if key in named:  # not documented; the runtime would catch an AssertionError
                pytest.fail(f"two statements of one batch name the item {key}")
            named.append(key)
            return self.items.get(key)

        return {"Responses": [answer(each, load, self._store) for each in Statements]}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's keyword
        """Return items by their keys."""
        self.calls.append("BatchGetItem")
        ((name, request),) = RequestItems.items()
        keys = [_key(key) for key in request["Keys"]]
        assert len(keys) == len(set(keys)) <= 100
        assert request["ConsistentRead"]
        return {"Responses": {name: [self.items[key] for key in keys if key in self.items]}, "UnprocessedKeys": {}}

    def _store(self, item: Item) -> None:
        self.items[_key(item)] = item
        self.written.append(item)
