"""Validation of infra/resources.toml."""

from pathlib import Path

import pytest

from infra.declarations import resources
from infra.declarations.spec import SpecError
from tests.infrastructure.all_resources import PLATFORM


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("bucket.outputs", ""),
        ("secret.own", ""),
        ("bucket.output", "is an unknown bucket; did you mean 'outputs'?"),
        ("bucket.x", "is an unknown bucket; there are artifacts, outputs"),
        ("topic.x", "is an unknown topic; there is notices"),
        ("queue.x", "is an unknown queue; infra/resources.toml does not declare any"),
        ("tabel.items", "is not a resource; there are bucket.artifacts, bucket.outputs, secret.own, topic.notices"),
    ],
)
def test_the_error_for_an_unknown_name_lists_known_names(
    monkeypatch: pytest.MonkeyPatch, name: str, fault: str
) -> None:
    """They are the names of the same kind, or all names if the kind is unknown."""
    known = ("bucket.outputs", "bucket.artifacts", "topic.notices")
    monkeypatch.setattr(resources, "load", lambda: dict.fromkeys(known))
    assert resources.fault(name, "secret.own") == fault


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        ("[topic.notices]", "", "topic.notices is missing; the platform needs it"),
        ("[secret.webhooks]", "[secret.own]", "secret.own is reserved for the secret of each function"),
        ("[table.items]", "[tabel.items]", "unknown kind 'tabel'; did you mean 'table'?"),
        ('partition_key = "sku"', "", "table.items.partition_key is missing"),
        (
            "partition_key",
            "partition_kee",
            "unknown key 'partition_kee' in [table.items]; did you mean 'partition_key'?",
        ),
        (
            "[queue.work]",
            '[queue.work]\npartition_key = "x"',
            "queue.work: only a new table accepts partition_key and sort_key",
        ),
        ("[queue.work]", '[queue."Work"]', "queue.Work: a name must begin with a lowercase letter"),
        (
            "arn:aws:sns:us-east-1:111122223333:acme-topic",
            "arn:aws:sqs:us-east-1:111122223333:acme-topic",
            "topic.alerts.existing: 'arn:aws:sqs:us-east-1:111122223333:acme-topic' is not the ARN of a topic",
        ),
        (
            "key-AbCdEf",
            "key",
            "secret.partner.existing: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:acme/key' is",
        ),
        ('"acme-jobs"', "7", "queue.jobs.existing must be a text, not 7"),
        ("[bucket.outputs]", "[bucket]\noutputs = 3", "bucket.outputs must be a table, not 3"),
        (
            "[topic.pager]",
            "[topic.outputs]",
            "topic.outputs and bucket.outputs would have the same construct id, Outputs; rename",
        ),
    ],
)
def test_an_invalid_file_is_refused(tmp_path: Path, find: str, put: str, reason: str) -> None:
    """The error names the file, the key and the expected value."""
    assert find in PLATFORM
    file = tmp_path / "resources.toml"
    file.write_text(PLATFORM.replace(find, put, 1), encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        resources.load(file)
    assert str(refused.value).startswith(f"infra/resources.toml: {reason}")
