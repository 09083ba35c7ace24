"""Resources of infra/resources.toml in the templates, and the grants on them."""

import json
from typing import Any

import pytest

from infra.declarations import resources
from infra.declarations.loader import load
from tests.infrastructure.all_resources import FUNCTION, PLATFORM
from tests.infrastructure.conftest import Synthesized, synthesize


@pytest.fixture(scope="module")
def greedy(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """Synthesize a repository with one function, which can use every kind of resource, new and existing."""
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
    """Return the resources that the function's role allows, by action."""
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
    """A grant refers to a new resource by its export and to an existing resource by its ARN."""
    assert any(resource in each for each in allowed(greedy)[action])
    assert not any(each == '"*"' for each in allowed(greedy)[action])


def test_addresses_and_settings_are_environment_variables(greedy: Synthesized) -> None:
    """There is a variable with the address of each resource, and one with the settings as JSON."""
    (function,) = greedy.resources("AWS::Lambda::Function", "functions-greedy").values()
    variables = function["Properties"]["Environment"]["Variables"]
    assert variables["HERALD_BUCKET_LANDING"] == "acme-landing"
    assert variables["HERALD_TABLE_ORDERS"] == "acme-orders"
    # The table may belong to another account, so its address is the ARN.
    assert variables["HERALD_TABLE_PRICES"] == "arn:aws:dynamodb:us-east-1:111122223333:table/acme-table"
    assert variables["HERALD_TOPIC_ALERTS"] == "arn:aws:sns:us-east-1:111122223333:acme-topic"
    queue = json.dumps(variables["HERALD_QUEUE_PARTNER"])
    assert all(part in queue for part in ("sqs.us-east-1.", "111122223333/acme-queue"))
    assert {"HERALD_TABLE_ITEMS", "HERALD_TOPIC_PAGER", "HERALD_QUEUE_WORK", "HERALD_QUEUE_JOBS"} <= variables.keys()
    assert {"HERALD_SECRET_HOOKS", "HERALD_SECRET_CRM", "HERALD_SECRET_MINE"} <= variables.keys()
    assert json.loads(variables["HERALD_SETTINGS"]) == {"quiet_seconds": 900, "words": ["a", "b"]}


def test_only_new_resources_are_created(greedy: Synthesized) -> None:
    """A new table has its keys and point-in-time recovery; existing resources are not in the templates."""
    tables = greedy.resources("AWS::DynamoDB::Table", "storage").values()
    (items,) = [each["Properties"] for each in tables if each["Properties"]["KeySchema"][0]["AttributeName"] == "sku"]
    assert items["KeySchema"][1] == {"AttributeName": "warehouse", "KeyType": "RANGE"}
    assert items["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert len(greedy.resources("AWS::SecretsManager::Secret", "storage")) == 1
    assert len(greedy.resources("AWS::SNS::Topic")) == 1
    assert len(greedy.resources("AWS::S3::Bucket", "storage")) == 3  # outputs, artifacts and the journal


def test_cdk_nag_finds_nothing_on_any_kind(greedy: Synthesized) -> None:
    """Every finding is fixed or acknowledged."""
    assert {report["pluginName"] for report in greedy.report} >= {"AwsSolutions", "Serverless"}
    assert all(report["violations"] == [] for report in greedy.report)
