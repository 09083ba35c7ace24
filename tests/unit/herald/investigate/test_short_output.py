"""Commands of operators show the short names of buckets, and physical names with --verbose."""

import pytest

from herald.deployment.deployment import Deployment
from tests.unit.herald.investigate.installation import FILE, run
from tests.unit.herald.page.failed_run import dead_letter

SHORT = FILE.removeprefix("s3://")


@pytest.mark.parametrize("command", ["list", "show"])
@pytest.mark.parametrize("verbose", [False, True])
def test_dead_letters(deployment: Deployment, command: str, *, verbose: bool) -> None:
    """The reason names the object; the command for the log has a subject that every command accepts."""
    dead_letter(deployment, subject=FILE, reason=f"cannot read {FILE}.")
    shown = run("dlq", command, *(["--verbose"] * verbose)).stdout
    assert f"cannot read {FILE if verbose else SHORT}." in shown


@pytest.mark.parametrize("verbose", [False, True])
def test_findings_of_reconcile(deployment: Deployment, *, verbose: bool) -> None:
    """An object without an event in the journal is missing."""
    deployment.client("s3").put_object(Bucket="invoices", Key="in/7.json", Body=b"{}")
    shown = run("reconcile", "total", "--from", "1h", *(["--verbose"] * verbose)).stdout
    (finding,) = [line for line in shown.splitlines() if line.startswith("missing")]
    assert finding.split()[2] == (FILE if verbose else SHORT)
