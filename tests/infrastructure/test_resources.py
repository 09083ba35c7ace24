"""The platform's resources as templates: each kind, made or already there, and what a grant on it becomes."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from infra.declarations import resources
from infra.declarations.loader import load
from infra.declarations.spec import SpecError
from tests.infrastructure.conftest import Synthesized, synthesize

PLATFORM: Final = """
[bucket.outputs]
[bucket.artifacts]
[bucket.landing]
existing = "acme-landing"
[topic.notices]
[topic.pager]
existing = "acme-pager"
[table.items]
partition_key = "sku"
sort_key = "warehouse"
[table.orders]
existing = "acme-orders"
[queue.work]
[queue.jobs]
existing = "acme-jobs"
[secret.webhooks]
[secret.crm]
existing = "acme/crm"
[bucket.lake]
existing = "arn:aws:s3:::acme-lake"
[topic.alerts]
existing = "arn:aws:sns:us-east-1:111122223333:acme-topic"
[queue.partner]
existing = "arn:aws:sqs:us-east-1:111122223333:acme-queue"
[table.prices]
existing = "arn:aws:dynamodb:us-east-1:111122223333:table/acme-table"
[secret.partner]
existing = "arn:aws:secretsmanager:us-east-1:111122223333:secret:acme/key-AbCdEf"
"""
FUNCTION: Final = """
description = "Touch everything."
owner = "greedy"

[trigger]
samples = ["aws.s3/object_created.report"]
[trigger.pattern]
source = ["aws.s3"]
detail.object.key = [{ prefix = "reports/" }]

[settings]
quiet_seconds = 900
words = ["a", "b"]

[secrets]
hooks = "secret.webhooks"
crm = "secret.crm"
mine = "secret.own"
partner = "secret.partner"

[access]
read = ["bucket.landing/in/*", "bucket.lake/in/*", "table.items", "table.orders", "table.prices"]
write = ["bucket.artifacts/out/*", "table.items"]
publish = ["topic.pager", "topic.alerts"]
send = ["queue.work", "queue.jobs", "queue.partner"]
"""


@pytest.fixture(scope="module")
def greedy(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """Synthesize a repository whose one function is granted every kind of resource, new and existing."""
    root = tmp_path_factory.mktemp("greedy")
    (root / "functions" / "touch_all").mkdir(parents=True)
    (root / "functions" / "touch_all" / "function.toml").write_text(FUNCTION, encoding="utf-8")
    (root / "events" / "aws.s3").mkdir(parents=True)
    sample = {"source": "aws.s3", "detail": {"object": {"key": "reports/a"}}}
    (root / "events" / "aws.s3" / "object_created.report.json").write_text(json.dumps(sample), encoding="utf-8")
    file = root / "resources.toml"
    file.write_text(PLATFORM, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        found = resources.load(file)
        patch.setattr(resources, "load", lambda: found)
        return synthesize(root / "out", "dev", load(root))


def allowed(greedy: Synthesized) -> dict[str, Any]:
    """Return the resources that the function's role may touch, by action."""
    (policy,) = greedy.resources("AWS::IAM::Policy", "functions-greedy").values()
    found: dict[str, Any] = {}
    for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
        for action in statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]:
            found.setdefault(action, []).append(json.dumps(statement["Resource"]))
    return found


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObjectVersion", ":s3:::acme-landing/in/*"),
        ("dynamodb:Query", "TableItems"),
        ("dynamodb:Query", ":table/acme-orders"),
        ("dynamodb:UpdateItem", "TableItems"),
        ("sns:Publish", ":acme-pager"),
        ("sqs:SendMessage", "QueueWork"),
        ("sqs:SendMessage", ":acme-jobs"),
        ("secretsmanager:GetSecretValue", "SecretWebhooks"),
        ("secretsmanager:GetSecretValue", ":secret:acme/crm-??????"),
        ("secretsmanager:GetSecretValue", '"Ref": "secrettouchall'),
        ("s3:GetObject", ":s3:::acme-lake/in/*"),
        ("sns:Publish", '"arn:aws:sns:us-east-1:111122223333:acme-topic"'),
        ("sqs:SendMessage", '"arn:aws:sqs:us-east-1:111122223333:acme-queue"'),
        ("dynamodb:Query", '"arn:aws:dynamodb:us-east-1:111122223333:table/acme-table"'),
        (
            "secretsmanager:GetSecretValue",
            '"arn:aws:secretsmanager:us-east-1:111122223333:secret:acme/key-AbCdEf"',
        ),
    ],
)
def test_a_grant_names_its_resource(greedy: Synthesized, action: str, resource: str) -> None:
    """A new one by its export, an existing one by its ARN, and nothing beside them."""
    assert any(resource in each for each in allowed(greedy)[action])
    assert not any(each == '"*"' for each in allowed(greedy)[action])


def test_the_function_is_told_names_and_settings(greedy: Synthesized) -> None:
    """Its environment has an address for each resource, and the settings as they were declared."""
    (function,) = greedy.resources("AWS::Lambda::Function", "functions-greedy").values()
    variables = function["Properties"]["Environment"]["Variables"]
    assert variables["HERALD_BUCKET_LANDING"] == "acme-landing"
    assert variables["HERALD_TABLE_ORDERS"] == "acme-orders"
    # A table of another account is addressed by its ARN alone.
    assert variables["HERALD_TABLE_PRICES"] == "arn:aws:dynamodb:us-east-1:111122223333:table/acme-table"
    assert variables["HERALD_TOPIC_ALERTS"] == "arn:aws:sns:us-east-1:111122223333:acme-topic"
    queue = json.dumps(variables["HERALD_QUEUE_PARTNER"])
    assert all(part in queue for part in ("sqs.us-east-1.", "111122223333/acme-queue"))
    assert {"HERALD_TABLE_ITEMS", "HERALD_TOPIC_PAGER", "HERALD_QUEUE_WORK", "HERALD_QUEUE_JOBS"} <= variables.keys()
    assert {"HERALD_SECRET_HOOKS", "HERALD_SECRET_CRM", "HERALD_SECRET_MINE"} <= variables.keys()
    assert json.loads(variables["HERALD_SETTINGS"]) == {"quiet_seconds": 900, "words": ["a", "b"]}


def test_new_resources_are_made_and_existing_ones_are_not(greedy: Synthesized) -> None:
    """A new table has its keys and can be restored; what exists appears in no template as a resource."""
    tables = greedy.resources("AWS::DynamoDB::Table", "storage").values()
    (items,) = [each["Properties"] for each in tables if each["Properties"]["KeySchema"][0]["AttributeName"] == "sku"]
    assert items["KeySchema"][1] == {"AttributeName": "warehouse", "KeyType": "RANGE"}
    assert items["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert len(greedy.resources("AWS::SecretsManager::Secret", "storage")) == 1
    assert len(greedy.resources("AWS::SNS::Topic")) == 1
    assert len(greedy.resources("AWS::S3::Bucket", "storage")) == 3  # outputs, artifacts, and the journal's


def test_cdk_nag_finds_nothing_on_any_kind(greedy: Synthesized) -> None:
    """Each finding is mended, or acknowledged with its reason."""
    assert {report["pluginName"] for report in greedy.report} >= {"AwsSolutions", "Serverless"}
    assert all(report["violations"] == [] for report in greedy.report)


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
def test_an_unknown_name_is_told_of_those_of_its_kind(monkeypatch: pytest.MonkeyPatch, name: str, fault: str) -> None:
    """And where its kind is none, of all."""
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
def test_a_wrong_file_is_refused_with_its_key(tmp_path: Path, find: str, put: str, reason: str) -> None:
    """The sentence names the file, the key, and what would be right."""
    assert find in PLATFORM
    file = tmp_path / "resources.toml"
    file.write_text(PLATFORM.replace(find, put, 1), encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        resources.load(file)
    assert str(refused.value).startswith(f"infra/resources.toml: {reason}")
