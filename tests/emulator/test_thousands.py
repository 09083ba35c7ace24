"""Two thousand files at once: each is processed once. The name sorts late, because earlier tests read the journal."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import REPORTS

FILES: Final = 2_000


def test_each_file_of_a_burst_is_processed_once(aws: Aws) -> None:
    """Each artifact has one version, and the ledger has one processed run per file."""
    bucket, s3 = aws.deployment.bucket("outputs"), aws.deployment.client("s3")

    def write(number: int) -> str:
        content = f'<testsuite name="s{number}"><testcase name="t{number}" time="0.1"/></testsuite>'
        s3.put_object(Bucket=bucket, Key=f"reports/burst/{number:04}.xml", Body=content.encode())
        return f"s3://{bucket}/reports/burst/{number:04}.xml"

    with ThreadPoolExecutor(8) as pool:
        subjects = set(pool.map(write, range(FILES)))

    aws.drain(REPORTS)
    assert aws.versions("reports/burst/") == Counter(f"reports/burst/{number:04}.xml.json" for number in range(FILES))
    rows = [row for row in ledger(aws) if row["pk"]["S"] in subjects]
    assert Counter(row["pk"]["S"] for row in rows) == Counter(subjects)
    assert Counter((row["decision"]["S"], row["attempt"]["N"]) for row in rows) == {("processed", "1"): FILES}


def ledger(aws: Aws) -> Iterator[dict[str, Any]]:
    """Yield the rows of the function in the ledger; a function that a team adds may run on the same reports."""
    pages = aws.deployment.client("dynamodb").get_paginator("scan").paginate(TableName=aws.deployment.outputs["Ledger"])
    for page in pages:
        yield from (item for item in page["Items"] if item["sk"]["S"].startswith(f"{REPORTS}#"))
