"""A test that fails: the demo runs it to get a report with a failure. The test suite does not collect this file."""

import pytest


def test_a_failure_for_the_demo() -> None:
    """The demo shows how Herald handles a report with this failure."""
    pytest.fail("this test fails on purpose: the demo needs a report with a failure")
