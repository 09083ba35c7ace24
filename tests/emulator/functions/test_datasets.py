"""Valid and invalid datasets, and the profiles, events and reasons that result."""

import pytest

from functions.profile_dataset.model import LIMIT_BYTES
from tests.emulator.support.deployed import DECIDED_SECONDS, Aws
from tests.events import body, object_created

ORDERS = 'order;customer;amount;placed\r\n1001;"Müller; Söhne";129.90;2026-11-11\r\n1002;Łoś;80;2026-11-12\r\n1003\r\n'


@pytest.mark.parametrize(
    ("name", "content", "encoding", "delimiter"),
    [
        ("utf-8", ORDERS.replace("; ", ", ").replace(";", ",").encode(), "utf-8", ","),
        ("semicolons", ORDERS.encode("utf-8-sig"), "utf-8", ";"),
        ("utf-16", ORDERS.encode("utf-16"), "utf-16-le", ";"),
        ("tabs", ORDERS.replace(";", "\t").replace("\r\n", "\r").encode("utf-16-be"), "utf-16-be", "\t"),
    ],
)
def test_a_dataset_is_profiled_in_every_encoding(
    aws: Aws, name: str, content: bytes, encoding: str, delimiter: str
) -> None:
    """The same rows in other encodings have the same columns, and the run emits an event."""
    (decision,) = aws.decisions(aws.put(f"datasets/{name}.csv", content))
    assert (decision["function"], decision["decision"], decision["attempt"]) == ("profile_dataset", "processed", 1)
    profile = aws.artifact(decision)
    assert (profile["encoding"], profile["delimiter"], profile["rows"]) == (encoding, delimiter, 3)
    assert profile["short_rows"] == {"count": 1, "lines": [4]}
    order, customer, amount, placed = profile["columns"]
    assert (order["type"], order["min"], order["max"], order["mean"]) == ("integer", 1001, 1003, 1002)
    assert (customer["type"], customer["nulls"], customer["distinct"]) == ("text", 1, 2)
    assert (amount["type"], amount["min"], amount["max"]) == ("number", 80, 129.9)
    assert (placed["type"], placed["min"], placed["max"]) == ("date", "2026-11-11", "2026-11-12")
    (event,) = [effect for effect in decision["effects"] if effect["kind"] == "event"]
    assert event["type"] == "dataset.profiled"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty", b"", "the dataset is empty (0 bytes)"),
        (
            "latin-1",
            ORDERS.replace("Łoś", "Los").encode("latin-1"),
            "line 2 has byte 0xfc at offset 37, which is not UTF-8",
        ),
        ("binary", bytes(range(256)) * 40, "line 1 has a NUL character"),
        ("quote", b'a,b\n1,2\n3,"4\n' + b"5,6\n" * 1_000, "line 3 opens a quote that is never closed"),
        ("line", b"a,b\n1,2\n" + b"x" * 5_000_000, "line 3 begins a row of over 1,048,576 characters"),
    ],
)
def test_an_invalid_dataset_is_rejected(aws: Aws, name: str, content: bytes, reason: str) -> None:
    """It is in the dead-letter queue with the reason and the line, and has no profile."""
    (decision,) = aws.decisions(aws.put(f"datasets/{name}.csv", content))
    assert (decision["decision"], decision["reason"][: len(reason)]) == ("rejected", reason)
    assert decision["effects"] == []
    message, why = aws.dead_letter("profile_dataset")
    assert f"datasets/{name}.csv" in message
    assert (why["reason"], why["attempts"]) == (decision["reason"], 1)


def test_a_dataset_that_is_too_large_is_rejected_unread(aws: Aws) -> None:
    """The size in the event decides, so the object need not exist."""
    bucket, size = aws.deployment.bucket("outputs"), LIMIT_BYTES + 1
    aws.enqueue("profile_dataset", body(object_created("datasets/huge.csv", bucket=bucket, size=size)))
    (decision,) = aws.decisions(f"s3://{bucket}/datasets/huge.csv")
    assert decision["decision"] == "rejected"
    assert decision["reason"].endswith(f"has {size:,} bytes, more than the limit of {LIMIT_BYTES:,}")
    assert aws.dead_letter("profile_dataset")[1]["reason"] == decision["reason"]


def test_the_same_content_written_again_is_profiled_again(aws: Aws) -> None:
    """Two writes cause two runs in order, and two versions of one profile."""
    subject = aws.put("datasets/twice.csv", ORDERS.encode())
    aws.decisions(subject)
    aws.put("datasets/twice.csv", ORDERS.encode())
    first, second = aws.decisions(subject, runs=2)
    assert [first["decision"], second["decision"]] == ["processed", "processed"]
    assert first["what"]["sequence"] < second["what"]["sequence"]
    s3, bucket = aws.deployment.client("s3"), aws.deployment.bucket("artifacts")
    versions = s3.list_object_versions(Bucket=bucket, Prefix="datasets/twice.csv.profile.json")["Versions"]
    assert len(versions) == 2
    assert len({version["ETag"] for version in versions}) == 1


def test_a_large_dataset_is_read_as_a_stream(aws: Aws) -> None:
    """Every row of a dataset of thirty megabytes is counted."""
    rows = 300_000
    content = b"id,note\n" + b"".join(b"%d,%s\n" % (number, b"x" * 90) for number in range(rows))
    (decision,) = aws.decisions(aws.put("datasets/large.csv", content), seconds=DECIDED_SECONDS * 4)
    assert decision["decision"] == "processed"
    profile = aws.artifact(decision)
    identifier = profile["columns"][0]
    assert (profile["rows"], identifier["min"], identifier["max"]) == (rows, 0, rows - 1)
    assert identifier["distinct_is_estimate"]
    assert abs(identifier["distinct"] / rows - 1) < 4 * profile["distinct_standard_error"]
