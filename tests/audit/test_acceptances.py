"""An acceptance has a reason, covers only its scope, and must match a finding."""

from pathlib import Path
from typing import Final

import pytest

from infra.declarations.spec import SpecError
from tests.audit.acceptances import Acceptance, faults, load
from tests.audit.findings import Finding

REASON: Final = "SSE-SQS encrypts the queue without charge."
FINDING: Final = Finding(
    rule="CKV_AWS_27",
    template="dev/herald.template.json",
    message="not encrypted",
    logical_id="OrdersQueue0A1B2C3D",
    type="AWS::SQS::Queue",
    properties={"SqsManagedSseEnabled": True},
)


def accepted(
    rule: str = FINDING.rule, kind: str = FINDING.type, logical_id: str = "*", *, encrypted: bool = True
) -> Acceptance:
    """Return an acceptance of FINDING, or of another finding."""
    properties = {"SqsManagedSseEnabled": encrypted}
    return Acceptance(rule=rule, type=kind, reason=REASON, logical_id=logical_id, properties=properties)


@pytest.mark.parametrize("acceptance", [accepted(), accepted(logical_id="Orders*")])
def test_an_accepted_finding_is_not_a_fault(acceptance: Acceptance) -> None:
    """Rule, type, logical ID and properties are in the scope."""
    assert faults([FINDING], [acceptance]) == []


@pytest.mark.parametrize(
    "acceptance",
    [
        accepted(rule="CKV_AWS_26"),
        accepted(kind="AWS::SNS::Topic"),
        accepted(logical_id="Journal*"),
        accepted(encrypted=False),
    ],
)
def test_an_acceptance_of_another_finding_is_a_fault(acceptance: Acceptance) -> None:
    """The finding without an acceptance is a fault, and so is the acceptance without a finding."""
    assert faults([FINDING], [acceptance]) == [
        "CKV_AWS_27 dev/herald.template.json AWS::SQS::Queue OrdersQueue0A1B2C3D: not encrypted",
        f"{acceptance.rule} {acceptance.type} {acceptance.logical_id}: no finding matches; remove the acceptance",
    ]


def test_an_acceptance_without_its_finding_is_a_fault() -> None:
    """After a fix, the same finding must not be accepted again unnoticed."""
    assert faults([], [accepted()]) == ["CKV_AWS_27 AWS::SQS::Queue *: no finding matches; remove the acceptance"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"accepted\.toml: accepted\[0\]\.reason is missing"),
        ('reason = ""', r"accepted\.toml: accepted\[0\]\.reason is empty"),
        ('reason = "by design"', r"accepted\.toml: CKV_AWS_27 AWS::SQS::Queue \*: the reason 'by design' is too short"),
        (
            f'reason = "{REASON}"\nproperty = {{}}',
            r"unknown key 'property' in \[accepted\[0\]\]; did you mean 'properties'",
        ),
    ],
)
def test_an_acceptance_without_a_reason_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The error names the file and the entry."""
    file = tmp_path / "accepted.toml"
    entry = f'[[accepted]]\nrule = "CKV_AWS_27"\ntype = "AWS::SQS::Queue"\n{text}\n'
    file.write_text(entry, encoding="utf-8")
    with pytest.raises(SpecError, match=message):
        load(file)
