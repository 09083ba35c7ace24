"""Both programs find faults, and accepted.toml does not accept these faults."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.audit import acceptances
from tests.audit.findings import Audit, Finding

FAULTY: Final = {
    "PublicBucket": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "PublicRead"}},
    "MisspelledQueue": {"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": True, "Visibility": 30}},
    "PlainQueue": {"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": False}},
}
OUTPUTS: Final = {"Name": {"Value": {"Ref": "Missing"}}}


def audit(directory: Path, resources: dict[str, Any]) -> list[Finding]:
    """Audit one template with these resources and with an output that refers to a missing resource."""
    (directory / "dev").mkdir()
    text = json.dumps({"Resources": resources, "Outputs": OUTPUTS})
    (directory / "dev" / "faulty.template.json").write_text(text, encoding="utf-8")
    return Audit(directory).findings()


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """Audit the faulty template."""
    return audit(tmp_path_factory.mktemp("faulty"), FAULTY)


@pytest.mark.parametrize(
    "start",
    [
        "CKV_AWS_20 dev/faulty.template.json AWS::S3::Bucket PublicBucket: ",  # everyone may read it
        "CKV_AWS_53 dev/faulty.template.json AWS::S3::Bucket PublicBucket: ",  # public ACLs are not blocked
        "CKV_AWS_27 dev/faulty.template.json AWS::SQS::Queue PlainQueue: ",  # not encrypted
        "E3002 dev/faulty.template.json AWS::SQS::Queue MisspelledQueue: ",  # no such property
        "E6101 dev/faulty.template.json: ",  # an output refers to a missing resource: a finding without a resource
    ],
)
def test_a_fault_is_a_finding_that_is_not_accepted(findings: list[Finding], start: str) -> None:
    """The line of the finding names the rule, the template and the resource."""
    lines = acceptances.faults(findings, acceptances.load(acceptances.FILE))
    assert [line for line in lines if line.startswith(start)]


def test_a_template_that_checkov_does_not_read_is_an_error(tmp_path: Path) -> None:
    """Otherwise an unread template would pass the audit."""
    with pytest.raises(RuntimeError, match="checkov did not read all of 1 resources"):
        audit(tmp_path, {"Name": {"Type": "AWS::SSM::MaintenanceWindowTarget"}})
