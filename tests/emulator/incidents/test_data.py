"""Incidents with events and objects that are wrong, old or repeated."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from herald.local import emulator
from infra.declarations import loader
from tests.emulator.incidents import examples_of_data as examples
from tests.emulator.incidents.incident import investigate, mend
from tests.emulator.support.deployed import Aws
from tests.emulator.support.lambda_settings import variables
from tests.emulator.support.producer import put_events, stock
from tests.emulator.support.reports import GREEN
from tests.events import body, object_created

COPIES: Final = 20
DATASET: Final = b"item,level\nbolt,4\nnut,7\n"


def decided(aws: Aws, subject: str, *, runs: int = 1) -> list[str]:
    """Return the final decisions about a subject."""
    return [each["decision"] for each in aws.decisions(subject, runs=runs)]


def test_a_poison_object(aws: Aws) -> None:
    """After the job has written a valid report, it is processed and the dead letter is deleted."""
    subject = aws.put("reports/poison.xml", b"<html><body>502 Bad Gateway</body></html>")
    investigate(examples.POISON)
    aws.put("reports/poison.xml", GREEN)
    assert decided(aws, subject, runs=2) == ["rejected", "processed"]
    assert "1 dead letter deleted." in mend(examples.POISON)


def test_a_bad_contract_version(aws: Aws) -> None:
    """After a rollback of the producer the event is processed and the dead letter is deleted."""
    event = {
        "source": "herald.summarise_test_report",
        "type": "report.published",
        "subject": "report/future",
        "data": loader.sample("report.published/red")["detail"]["data"],
    }
    put_events(aws, **event, dataschema="herald:report.published/7")
    investigate(examples.CONTRACT)
    put_events(aws, **event, dataschema="herald:report.published/1")
    assert decided(aws, "report/future", runs=2) == ["rejected", "processed"]
    assert "1 dead letter deleted." in mend(examples.CONTRACT)


def test_a_duplicate_storm(aws: Aws) -> None:
    """Twenty copies of one event cause one run and one effect."""
    stock(aws, "storm", id="storm-1", copies=COPIES)
    investigate(examples.STORM)
    aws.drain("replenish_stock")
    printed = mend(examples.STORM)
    assert printed.count("replenish_stock processed") == 1
    assert printed.count("caused purchase.requested about item/storm") == 1


def test_a_stale_write(aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The older write is skipped; after it is written again, it is the newest one and is processed."""
    subject = aws.put("datasets/stock.csv", DATASET)
    aws.decisions(subject)
    older = object_created(
        "datasets/stock.csv", None, bucket=aws.deployment.bucket("outputs"), sequencer="0000000000000001"
    )
    aws.enqueue("profile_dataset", body(older))
    investigate(examples.STALE)
    (tmp_path / "stock.csv").write_bytes(DATASET)
    monkeypatch.chdir(tmp_path)
    mend(examples.STALE)
    assert sorted(decided(aws, subject, runs=3)) == ["processed", "processed", "stale"]


def test_a_late_event(aws: Aws) -> None:
    """The dead letter of an event that is too old is redriven, and processed in spite of its age."""
    sent_at = datetime.now(UTC) - timedelta(hours=3)
    with variables(aws, "replenish_stock", HERALD_MAX_AGE_SECONDS="3600"):
        stock(aws, "late", time=sent_at.isoformat())
        investigate(examples.LATE)
        assert "1 dead letter redriven." in mend(examples.LATE)
        assert emulator.wait_until(lambda: decided(aws, "item/late") == ["processed"], 30)
