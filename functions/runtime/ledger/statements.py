"""PartiQL statements for the ledger: building them, sending them in batches, and sending throttled ones again.

BatchExecuteStatement answers with HTTP 200 and has a reply for each statement; a throttled statement has an error code
in its reply. All statements here may be sent twice: a second INSERT fails with DuplicateItem, and an UPDATE has
conditions on the row that it changes.
Source: "BatchExecuteStatement" and "BatchStatementError", Amazon DynamoDB API Reference.
"""

import json
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from functions.runtime.core.replies import SUCCEEDED, Replies
from functions.runtime.ledger.rows import with_current_names

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

STATEMENTS_PER_CALL: Final = 25
KEYS_PER_CALL: Final = 100
NO_ANSWER: Final = "NoAnswer"
# The codes of BatchStatementError for statements that may succeed later.
RETRYABLE: Final = frozenset(
    {
        NO_ANSWER,
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)
# The codes of statements with a condition that the row does not meet.
REFUSED: Final = frozenset({"ConditionalCheckFailed", "DuplicateItem"})
TRIES: Final = 4
PAUSE_SECONDS: Final = 0.05

type Item = Mapping[str, object]
type Statement = dict[str, Any]

to_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
JSON_ATTRIBUTES: Final = frozenset({"cause", "effects", "facts", "kept", "previous"})


def insert(table: str, item: Item) -> Statement:
    """Return a statement that puts a new item; if the key exists, DynamoDB answers DuplicateItem."""
    present = {name: value for name, value in item.items() if value is not None}
    fields = ", ".join(f"'{name}': {_literal(value)}" for name, value in present.items())
    return {"Statement": f'INSERT INTO "{table}" VALUE {{{fields}}}', "Parameters": _parameters(present.values())}


def update(table: str, key: Item, values: Item, expected: Item) -> Statement:
    """Return a statement that sets attributes of an item with the expected values; else ConditionalCheckFailed."""
    assignments = " ".join(f'SET "{name}"={_literal(value)}' for name, value in values.items())
    conditions = {**key, **expected}
    where = " AND ".join(f'"{name}"={_literal(value)}' for name, value in conditions.items())
    return {
        "Statement": f'UPDATE "{table}" {assignments} WHERE {where}',
        "Parameters": _parameters([*values.values(), *conditions.values()]),
    }


def _literal(value: object) -> str:
    """Return an integer as a literal and `?` for any other value: botocore takes 4 µs to serialize a parameter."""
    return str(value) if isinstance(value, int) else "?"


def _parameters(values: Iterable[object]) -> list[dict[str, Any]]:
    return [_to_dynamodb(value) for value in values if not isinstance(value, int)]


def _to_dynamodb(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    return {"NULL": True} if value is None else {"S": to_json(value)}


def plain(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return an item as a plain dict with the current names: integers, texts, and parsed JSON."""
    row = {name: _from_dynamodb(name, *next(iter(value.items()))) for name, value in item.items()}
    return with_current_names(row)


def _from_dynamodb(name: str, kind: str, value: Any) -> Any:  # noqa: ANN401 - any value that DynamoDB stores
    match kind:
        case "N":
            return int(value)
        case "S":
            return json.loads(value) if name in JSON_ATTRIBUTES else value
        case _:
            return None


def execute(client: "DynamoDBClient", statements: Sequence[Statement]) -> Replies:
    """Execute statements; return for each SUCCEEDED or the code of its error.

    Throttled and unanswered statements are sent again without the others: four times in all, with growing pauses.
    """
    replies = Replies(len(statements), NO_ANSWER)
    places: Sequence[int] = range(len(statements))
    for _ in _tries():
        for group in batched(places, STATEMENTS_PER_CALL, strict=False):
            answer = client.batch_execute_statement(Statements=[statements[place] for place in group])  # type: ignore[misc] # our dicts have its shape
            # An answer may have fewer responses than statements; the others are sent again.
            for place, response in zip(group, answer.get("Responses", []), strict=False):
                replies.record(place, response.get("Error", {}).get("Code", SUCCEEDED))
        places = [place for place in replies.failed() if replies[place] in RETRYABLE]
        if not places:
            break  # the next iteration would start with a pause
    return replies


def get(client: "DynamoDBClient", table: str, keys: Sequence[Item]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return items by their keys, read consistently; TimeoutError if keys are still unprocessed after four tries."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for group in batched(keys, KEYS_PER_CALL, strict=False):
        wanted = [{name: _to_dynamodb(value) for name, value in key.items()} for key in group]
        found |= {(item["pk"], item["sk"]): item for item in map(plain, _get_group(client, table, wanted))}
    return found


def _get_group(client: "DynamoDBClient", table: str, keys: list[Any]) -> list[Any]:
    items: list[Any] = []
    for _ in _tries():
        answer = client.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        items += answer["Responses"].get(table, [])
        unprocessed = answer.get("UnprocessedKeys", {})
        keys = list(unprocessed[table]["Keys"]) if table in unprocessed else []
        if not keys:
            return items
    raise TimeoutError(f"DynamoDB did not read {len(keys)} keys of {table} in {TRIES} tries")


def _tries() -> Iterator[None]:
    for number in range(TRIES):
        if number:
            time.sleep(random.uniform(0, PAUSE_SECONDS * 2**number))  # noqa: S311 - jitter, not a secret
        yield
