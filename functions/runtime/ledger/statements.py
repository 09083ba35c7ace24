"""PartiQL statements in batches: how they are written, sent, and sent again where DynamoDB took only some of them.

A batch answers each statement for itself, under HTTP 200, throttling included. All statements here may be repeated: an
INSERT that has landed is refused as a duplicate, an UPDATE is guarded by what it expects to find.
"""

import json
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

STATEMENTS_PER_CALL: Final = 25
KEYS_PER_CALL: Final = 100
DONE: Final = ""
NO_ANSWER: Final = "NoAnswer"
# The codes of BatchStatementError that say no more than "not now".
AGAIN: Final = frozenset(
    {
        NO_ANSWER,
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)
REFUSED: Final = frozenset({"ConditionalCheckFailed", "DuplicateItem"})
TRIES: Final = 4
PAUSE_SECONDS: Final = 0.05

type Item = Mapping[str, Any]
type Statement = dict[str, Any]

_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
JSON_ATTRIBUTES: Final = frozenset({"cause", "effects", "facts", "kept", "previous"})


def insert(table: str, item: Item) -> Statement:
    """Put an item whose key is not there yet; an existing key answers DuplicateItem."""
    named = {name: value for name, value in item.items() if value is not None}
    shape = ", ".join(f"'{name}': {_place(value)}" for name, value in named.items())
    return {"Statement": f'INSERT INTO "{table}" VALUE {{{shape}}}', "Parameters": _parameters(named.values())}


def update(table: str, key: Item, values: Item, expected: Item) -> Statement:
    """Set attributes of an item that is there and holds what is expected; else ConditionalCheckFailed."""
    assignments = " ".join(f'SET "{name}"={_place(value)}' for name, value in values.items())
    guard = {**key, **expected}
    conditions = " AND ".join(f'"{name}"={_place(value)}' for name, value in guard.items())
    return {
        "Statement": f'UPDATE "{table}" {assignments} WHERE {conditions}',
        "Parameters": _parameters([*values.values(), *guard.values()]),
    }


def _place(value: object) -> str:
    """Return a whole number as it is, and a place for anything else: a parameter costs botocore 4 µs."""
    return str(value) if isinstance(value, int) else "?"


def _parameters(values: Iterable[object]) -> list[dict[str, Any]]:
    return [_wire(value) for value in values if not isinstance(value, int)]


def _wire(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    return {"NULL": True} if value is None else {"S": _json(value)}


def plain(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return an item of the ledger as it was before it was written."""
    return {name: _read(name, *next(iter(value.items()))) for name, value in item.items()}


def _read(name: str, kind: str, value: Any) -> Any:  # noqa: ANN401 - what DynamoDB holds
    match kind:
        case "N":
            return int(value)
        case "S":
            return json.loads(value) if name in JSON_ATTRIBUTES else value
        case _:
            return None


def execute(client: "DynamoDBClient", statements: Sequence[Statement]) -> list[str]:
    """Run statements; return for each DONE, or the code of the error that it ended with.

    Those that DynamoDB could not take now are sent again, alone, up to four times with a growing pause.
    """
    codes = [NO_ANSWER] * len(statements)
    open_ = list(range(len(statements)))
    for _ in _tries():
        for group in batched(open_, STATEMENTS_PER_CALL, strict=False):
            reply = client.batch_execute_statement(Statements=[statements[place] for place in group])  # type: ignore[misc] # our dicts have its shape
            # An answer may be shorter than the question: what it leaves out stays open.
            for place, answer in zip(group, reply.get("Responses", []), strict=False):
                codes[place] = answer.get("Error", {}).get("Code", DONE)
        open_ = [place for place in open_ if codes[place] in AGAIN]
        if not open_:
            break  # here, for going round again would pause first
    return codes


def get(client: "DynamoDBClient", table: str, keys: Sequence[Item]) -> dict[tuple[str, str], dict[str, Any]]:
    """Read items consistently, by their keys; a key that DynamoDB would not read in four tries raises TimeoutError."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for group in batched(keys, KEYS_PER_CALL, strict=False):
        _get_group(client, table, [{name: _wire(value) for name, value in key.items()} for key in group], found)
    return found


def _get_group(client: "DynamoDBClient", table: str, keys: list[Any], found: dict[tuple[str, str], Any]) -> None:
    for _ in _tries():
        reply = client.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        for item in map(plain, reply["Responses"].get(table, [])):
            found[item["pk"], item["sk"]] = item
        unread = reply.get("UnprocessedKeys", {})
        keys = list(unread[table]["Keys"]) if table in unread else []
        if not keys:
            return
    raise TimeoutError(f"DynamoDB left {len(keys)} keys of {table} unread")


def _tries() -> Iterator[None]:
    for number in range(TRIES):
        if number:
            time.sleep(random.uniform(0, PAUSE_SECONDS * 2**number))  # noqa: S311 - jitter, not a secret
        yield
