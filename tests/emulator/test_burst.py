"""Two thousand real files at once: each processed, none lost, none twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from herald import emulator
from herald.history import History
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
        subjects = list(pool.map(write, range(FILES)))

    def versions() -> Counter[str]:
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=artifacts, Prefix="reports/burst/")
        return Counter(version["Key"] for page in pages for version in page.get("Versions", []))

    assert emulator.wait_until(lambda: len(versions()) == FILES, SECONDS, every=1), len(versions())
    history = History(aws.deployment)
    decisions = [history.decisions(subject) for subject in subjects]
    assert [len(each) for each in decisions] == [1] * FILES
    assert Counter(each["decision"] for (each,) in decisions) == {"processed": FILES}
    assert Counter(each["attempt"] for (each,) in decisions) == {1: FILES}
    assert versions() == Counter(f"reports/burst/{number:04}.xml.json" for number in range(FILES))
