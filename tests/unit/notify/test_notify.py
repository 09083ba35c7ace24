"""What people are told about a red report."""

from typing import Any

import pytest

from functions.notify.handler import handle
from functions.notify.logic import inventory_notice, report_notice
from functions.notify.model import ChangedInventory, PublishedReport
from functions.runtime import Permanent
from functions.runtime.envelopes.envelope import parse
from tests.doubles import RecordingRun, run_handler
from tests.events import body, cloud_event


def report(**fields: object) -> PublishedReport:
    """Return a report with one failure of three."""
    data = {"tests": 3, "failures": 1, "duration_seconds": 1.25, "failing_tests": ["a.b"], "failing_tests_omitted": 0}
    return PublishedReport.read("s3://outputs/reports/build-118.xml", data | fields)


def test_a_notice_says_how_many_which_and_where() -> None:
    """Its title fits a list of mails, its text can be acted on."""
    notice = report_notice(report())
    assert notice.title == "1 of 3 tests failed: build-118.xml"
    assert notice.text == (
        "1 of 3 tests failed in 1.2 s.\n\nReport: s3://outputs/reports/build-118.xml\n\nFailing:\n  - a.b"
    )


def test_failing_tests_beyond_those_named_are_counted() -> None:
    """Nobody takes twenty names for all of them."""
    assert report_notice(report(failures=30, failing_tests_omitted=10)).text.endswith("  and 10 more")


def test_a_single_test_is_not_plural() -> None:
    """Words for people."""
    assert report_notice(report(tests=1)).title.startswith("1 of 1 test failed")


@pytest.mark.parametrize("data", [{}, {"tests": 1}, {"tests": "many", "failures": 1}])
def test_a_report_that_breaks_its_contract_is_refused(data: dict[str, object]) -> None:
    """A producer's mistake is permanent, and the reason names the field."""
    event = parse(body(cloud_event(type="report.published", data=data)))
    with pytest.raises(
        Permanent, match=r"report.published/1: data.tests (is missing|breaks type)|data.passed is missing"
    ):
        run_handler(handle, event, RecordingRun())


CHANGED: dict[str, Any] = {
    "baseline": False,
    "counts": {"added": 1, "removed": 0, "upgraded": 42, "downgraded": 0},
    "added": [{"name": "left-pad", "version": "1.3.0"}],
    "removed": [],
    "upgraded": [{"name": "openssl", "from": "3.0.1", "to": "3.0.2"}],
    "downgraded": [],
}


def test_a_changed_inventory_is_told_with_its_versions() -> None:
    """Counts in the title, components and versions in the text, and how many more there are."""
    notice = inventory_notice(ChangedInventory.read("s3://outputs/inventories/shop.json", CHANGED))
    assert notice.title == "Inventory changed: 1 added, 42 upgraded: shop.json"
    assert "Added:\n  - left-pad 1.3.0" in notice.text
    assert "Upgraded:\n  - openssl 3.0.1 → 3.0.2\n  and 41 more" in notice.text
    assert "Removed" not in notice.text


def test_versions_without_an_order_are_reported_as_changed() -> None:
    """Events from before the field existed lack it."""
    digests = {"changed": [{"name": "nginx", "from": "sha256:1", "to": "sha256:2"}]}
    data = CHANGED | digests | {"counts": CHANGED["counts"] | {"changed": 1}}
    notice = inventory_notice(ChangedInventory.read("s3://outputs/inventories/shop.json", data))
    assert notice.title == "Inventory changed: 1 added, 42 upgraded, 1 changed: shop.json"
    assert "Changed:\n  - nginx sha256:1 → sha256:2" in notice.text


def test_a_changed_inventory_that_breaks_its_contract_is_refused() -> None:
    """As a report is."""
    event = parse(body(cloud_event(type="inventory.changed", data=CHANGED | {"counts": {}})))
    with pytest.raises(Permanent, match=r"inventory.changed/1: data.counts.added is missing"):
        run_handler(handle, event, RecordingRun())
