"""Two thousand real files at once: each processed, none lost, none twice. It comes late: others read the journal."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from herald import emulator
from tests.emulator.conftest import Aws

FILES: Final = 2_000
SECONDS: Final = 180


def test_a_burst_is_processed_file_by_file(aws: Aws) -> None:
    """Counted twice: from the artifacts, each with one version, and from the ledger, each with one processed run."""
    bucket, artifacts = aws.deployment.bucket("outputs"), aws.deployment.bucket("artifacts")
    s3 = aws.deployment.client("s3")

    def write(number: int) -> str:
        content = f'<testsuite name="s{number}"><testcase name="t{number}" time="0.1"/></testsuite>'
        s3.put_object(Bucket=bucket, Key=f"reports/burst/{number:04}.xml", Body=content.encode())
        return f"s3://{bucket}/reports/burst/{number:04}.xml"

    with ThreadPoolExecutor(8) as pool:
        subjects = set(pool.map(write, range(FILES)))

    queue = aws.deployment.queues["summarise_test_report"]["queue"]
    assert emulator.wait_until(lambda: not waiting(aws, queue), SECONDS, every=0.5), waiting(aws, queue)

    pages = s3.get_paginator("list_object_versions").paginate(Bucket=artifacts, Prefix="reports/burst/")
    versions = Counter(version["Key"] for page in pages for version in page.get("Versions", []))
    assert versions == Counter(f"reports/burst/{number:04}.xml.json" for number in range(FILES))

    rows = [row for row in ledger(aws) if row["pk"]["S"] in subjects]
    assert Counter(row["pk"]["S"] for row in rows) == Counter(subjects)
    assert Counter((row["decision"]["S"], row["attempt"]["N"]) for row in rows) == {("processed", "1"): FILES}


def waiting(aws: Aws, queue: str) -> int:
    """Return how many messages a queue holds, delivered and not yet acknowledged ones included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = aws.deployment.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(map(int, counts.values()))


def ledger(aws: Aws) -> Iterator[dict[str, Any]]:
    """Yield every row of the ledger."""
    pages = aws.deployment.client("dynamodb").get_paginator("scan").paginate(TableName=aws.deployment.outputs["Ledger"])
    for page in pages:
        yield from page["Items"]
