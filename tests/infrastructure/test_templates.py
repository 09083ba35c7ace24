"""What holds of every template: what the emulator ignores is asserted here, on what CloudFormation would get."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from syrupy.assertion import SnapshotAssertion

from infra.constructs.access import BLOCK_PUBLIC, READ_ITEMS, WRITE_ITEMS
from infra.declarations import loader
from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized, synthesize

SPECS: Final = loader.load()
KEPT: Final = "RetainExceptOnCreate"
QUEUED: Final = [spec for spec in SPECS if spec.queued]
DELIVERY_VARIABLES: Final = {
    "MAX_ATTEMPTS": "max_attempts",
    "BASE_SECONDS": "backoff_base_seconds",
    "CAP_SECONDS": "backoff_cap_seconds",
    "MAX_AGE_SECONDS": "max_age_seconds",
    "FAIR": "fair",
    "MAX_CONCURRENCY": "max_concurrency",
    "ORDER": "order",
}
each_function = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
each_queued = pytest.mark.parametrize("spec", QUEUED, ids=lambda spec: spec.name)
each_answering = pytest.mark.parametrize("spec", [s for s in SPECS if not s.queued], ids=lambda spec: spec.name)


def properties(app: Synthesized, kind: str, name: str, value: str) -> dict[str, Any]:
    """Return the properties of the one resource whose property has a value."""
    (found,) = [each for each in app.resources(kind).values() if each["Properties"].get(name) == value]
    result: dict[str, Any] = found["Properties"]
    return result


def on_lambda(app: Synthesized, spec: FunctionSpec) -> dict[str, Any]:
    """Return the properties of a function on Lambda."""
    return properties(app, "AWS::Lambda::Function", "FunctionName", f"herald-dev-{spec.name}")


def statements(app: Synthesized, spec: FunctionSpec) -> list[dict[str, Any]]:
    """Return what the role of a function allows."""
    role, _ = on_lambda(app, spec)["Role"]["Fn::GetAtt"]
    policies = [each["Properties"] for each in app.resources("AWS::IAM::Policy").values()]
    (policy,) = [each for each in policies if {"Ref": role} in each["Roles"]]
    result: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return result


def actions(statement: dict[str, Any]) -> set[str]:
    """Return a statement's actions, of which CloudFormation writes one without a list."""
    listed = statement["Action"]
    return {listed} if isinstance(listed, str) else set(listed)


def test_templates_are_what_they_were(example: Synthesized, snapshot: SnapshotAssertion) -> None:
    """A change of infrastructure is seen in review, a new function changes nothing here.

    They are those of tests/infrastructure/example; hashes of assets, which follow the code, are left out.
    """
    text = re.sub(r"[0-9a-f]{64}", "<asset>", json.dumps(example.templates, indent=1, sort_keys=True))
    assert json.loads(text) == snapshot


def test_cdk_nag_finds_nothing(dev: Synthesized, prod: Synthesized) -> None:
    """Both packs ran over both environments, and every acknowledged finding has its reason."""
    for report in [*dev.report, *prod.report]:
        assert report["violations"] == []
        assert all(len(each["reason"]) > 20 for each in report["suppressedViolations"])
    assert {report["pluginName"] for report in dev.report} >= {"AwsSolutions", "Serverless"}


def test_there_is_no_custom_resource(dev: Synthesized) -> None:
    """Every Lambda function is a declared one or the journal's: nothing else runs in the account."""
    assert len(dev.resources("AWS::Lambda::Function")) == len(SPECS) + 1
    kinds = {each["Type"] for template in dev.templates.values() for each in template["Resources"].values()}
    assert not [kind for kind in kinds if kind.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))]


def test_buckets_are_versioned_private_and_announce_themselves(dev: Synthesized) -> None:
    """Versions, TLS, no public access, an end to old versions, and EventBridge but for the journal's own bucket."""
    buckets = dev.resources("AWS::S3::Bucket")
    assert len(buckets) == 3
    for name, bucket in buckets.items():
        described = bucket["Properties"]
        assert described["VersioningConfiguration"] == {"Status": "Enabled"}
        assert all(described["PublicAccessBlockConfiguration"].values())
        announced = described.get("NotificationConfiguration")
        expected = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
        assert announced == (None if "Journal" in name else expected)
        assert "NoncurrentVersionExpiration" in described["LifecycleConfiguration"]["Rules"][0]
    for policy in dev.resources("AWS::S3::BucketPolicy").values():
        (deny,) = [each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_ledger_expires_and_can_be_restored(dev: Synthesized) -> None:
    """On demand, TTL on the attribute that the runtime writes, point-in-time recovery."""
    (ledger,) = dev.resources("AWS::DynamoDB::Table").values()
    described = ledger["Properties"]
    assert described["BillingMode"] == "PAY_PER_REQUEST"
    assert described["TimeToLiveSpecification"] == {"AttributeName": "expiration", "Enabled": True}
    assert described["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize(("environment", "policy"), [("dev", "Delete"), ("prod", KEPT)])
def test_data_outlives_a_prod_stack(environment: str, policy: str, request: pytest.FixtureRequest) -> None:
    """In prod nothing that holds data or messages goes with its stack; in dev everything does.

    What a failed first deployment created is deleted in prod too: the next one needs its fixed names.
    """
    app: Synthesized = request.getfixturevalue(environment)
    replaced = "Retain" if policy == KEPT else policy
    for kind in (
        "AWS::S3::Bucket",
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::Logs::LogGroup",
        "AWS::SecretsManager::Secret",
    ):
        found = app.resources(kind).values()
        assert {(each["DeletionPolicy"], each["UpdateReplacePolicy"]) for each in found} == {(policy, replaced)}


def test_environments_differ_in_what_cdk_json_says(dev: Synthesized, prod: Synthesized) -> None:
    """Retention of logs and their level."""
    assert {each["Properties"]["RetentionInDays"] for each in dev.resources("AWS::Logs::LogGroup").values()} == {14}
    assert {each["Properties"]["RetentionInDays"] for each in prod.resources("AWS::Logs::LogGroup").values()} == {365}
    levels = [
        {each["Properties"]["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] for each in functions.values()}
        for functions in (dev.resources("AWS::Lambda::Function"), prod.resources("AWS::Lambda::Function"))
    ]
    assert levels == [{"DEBUG"}, {"INFO"}]


@each_function
def test_a_function_is_what_it_declares(dev: Synthesized, spec: FunctionSpec) -> None:
    """Python 3.13 on arm64, traced, with its time, memory and handler."""
    described = on_lambda(dev, spec)
    assert described["Runtime"] == "python3.13"
    assert described["Architectures"] == ["arm64"]
    assert described["TracingConfig"] == {"Mode": "Active"}
    assert (described["Timeout"], described["MemorySize"]) == (spec.timeout_seconds, spec.memory_mb)
    assert described["Handler"] == f"functions.{spec.name}.handler.handle"


@each_queued
def test_a_function_is_told_how_its_events_are_tried(dev: Synthesized, spec: FunctionSpec) -> None:
    """What [delivery] says reaches the runtime."""
    described = on_lambda(dev, spec)
    said = {name: described["Environment"]["Variables"][f"HERALD_{name}"] for name in DELIVERY_VARIABLES}
    assert said == {name: str(getattr(spec.delivery, field)).lower() for name, field in DELIVERY_VARIABLES.items()}


@each_queued
def test_a_function_sends_to_its_own_queue_only_where_it_wakes(dev: Synthesized, spec: FunctionSpec) -> None:
    """`wakes = true` grants sqs:SendMessage on that queue, beside the one on the dead-letter queue, and says so."""
    (queue,) = [
        name
        for name, each in dev.resources("AWS::SQS::Queue").items()
        if each["Properties"].get("QueueName") == f"herald-dev-{spec.name}"
    ]
    sends = [each for each in statements(dev, spec) if "sqs:SendMessage" in actions(each)]
    own = {"Fn::GetAtt": [queue, "Arn"]}
    granted = [
        own in (each["Resource"] if isinstance(each["Resource"], list) else [each["Resource"]]) for each in sends
    ]
    assert any(granted) is spec.delivery.wakes
    variables = on_lambda(dev, spec)["Environment"]["Variables"]
    assert ("HERALD_WAKES" in variables) is spec.delivery.wakes


@each_function
def test_a_row_outlives_what_can_bring_its_event_again(dev: Synthesized, spec: FunctionSpec) -> None:
    """Queue and dead-letter queue hold a message for 14 days each, the journal for 14 more."""
    described = on_lambda(dev, spec)
    assert described["Environment"]["Variables"]["HERALD_KEEP_DAYS"] == "42"


@each_queued
def test_queues_lose_nothing(dev: Synthesized, spec: FunctionSpec) -> None:
    """Visibility six times the timeout, 1,000 receives, 14 days, a dead-letter queue; both only over TLS."""
    queue = properties(dev, "AWS::SQS::Queue", "QueueName", f"herald-dev-{spec.name}")
    dead = properties(dev, "AWS::SQS::Queue", "QueueName", f"herald-dev-{spec.name}-dead")
    assert queue["VisibilityTimeout"] == 6 * spec.timeout_seconds
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 1_000
    assert queue["MessageRetentionPeriod"] == dead["MessageRetentionPeriod"] == 14 * 86_400
    assert {each["Properties"]["MaximumMessageSize"] for each in dev.resources("AWS::SQS::Queue").values()} == {2**20}
    assert queue["SqsManagedSseEnabled"] is dead["SqsManagedSseEnabled"] is True
    policies = dev.resources("AWS::SQS::QueuePolicy", f"functions-{spec.owner}").values()
    denied = [s for p in policies for s in p["Properties"]["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
    assert all(statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for statement in denied)


@each_queued
def test_rules_reach_one_queue_and_fail_into_the_undelivered(dev: Synthesized, spec: FunctionSpec) -> None:
    """One rule for each bus, with the declared pattern, and a way out for what cannot be delivered."""
    rules = [
        each["Properties"]
        for each in dev.resources("AWS::Events::Rule").values()
        if each["Properties"]["Name"].startswith(f"herald-dev-{spec.name}-")
    ]
    assert [rule["Name"].rpartition("-")[2] for rule in rules] == list(spec.buses)
    for rule in rules:
        assert rule["EventPattern"].keys() == spec.trigger.pattern.keys()
        (target,) = rule["Targets"]
        assert "Undelivered" in json.dumps(target["DeadLetterConfig"])


@each_queued
def test_the_mapping_reports_single_failures_and_is_bounded(dev: Synthesized, spec: FunctionSpec) -> None:
    """One bad record never fails its neighbours; one function never takes all concurrency."""
    functions, mappings = (dev.resources(f"AWS::Lambda::{kind}") for kind in ("Function", "EventSourceMapping"))
    (function,) = [name for name, each in functions.items() if each["Properties"] == on_lambda(dev, spec)]
    (mapping,) = [
        each["Properties"] for each in mappings.values() if each["Properties"]["FunctionName"] == {"Ref": function}
    ]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] == spec.delivery.batch_size
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": spec.delivery.max_concurrency}


def test_without_a_limit_an_idle_queue_has_fewer_pollers(tmp_path: Path) -> None:
    """`max_concurrency = 0` leaves the scaling configuration out; the worker assumes the most that Lambda runs."""
    (spec, *_) = QUEUED
    app = synthesize(tmp_path, "dev", [replace(spec, delivery=replace(spec.delivery, max_concurrency=0))])
    (mapping,) = app.resources("AWS::Lambda::EventSourceMapping", "functions-").values()
    (function,) = app.resources("AWS::Lambda::Function", "functions-").values()
    assert "ScalingConfig" not in mapping["Properties"]
    assert "HERALD_MAX_CONCURRENCY" not in function["Properties"]["Environment"]["Variables"]


def grants(app: Synthesized, spec: FunctionSpec) -> set[tuple[str, str]]:
    """Return each action that the role of a function allows with each of its resources: the CDK merges statements."""
    return {
        (action, json.dumps(resource))
        for each in statements(app, spec)
        for action in actions(each)
        for resource in (each["Resource"] if isinstance(each["Resource"], list) else [each["Resource"]])
    }


@each_function
def test_bodies_of_dead_letters_are_a_functions_own(dev: Synthesized, spec: FunctionSpec) -> None:
    """Whoever has a queue may store and read them below its first name; the bucket keeps them as long as SQS would."""
    found = {(action, resource) for action, resource in grants(dev, spec) if "/dead-letters/" in resource}
    assert {action for action, _ in found} == ({"s3:PutObject", "s3:GetObject"} if spec.queued else set())
    assert all(f"/dead-letters/{spec.first_name}/*" in resource for _, resource in found)
    variables = on_lambda(dev, spec)["Environment"]["Variables"]
    assert ("HERALD_DEAD_LETTER_BODIES" in variables) == spec.queued


@each_function
def test_a_role_allows_what_is_declared_and_no_more(dev: Synthesized, spec: FunctionSpec) -> None:
    """Its own queue and log, the ledger, and exactly the grants; `*` only where X-Ray knows no resources."""
    granted = {action for action, resource in grants(dev, spec) if "/dead-letters/" not in resource}
    own = {"sqs", "dynamodb", "logs", "xray"}
    expected = set()
    if spec.access.read:
        expected |= {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}
    if spec.access.write:
        expected |= {"s3:PutObject", "s3:GetObject"}
    if spec.access.publish:
        expected |= {"sns:Publish"}
    if spec.access.block_public:
        expected |= set(BLOCK_PUBLIC)
    if spec.access.emit:
        expected |= {"events:PutEvents"}
    if spec.secrets:
        expected |= {"secretsmanager:GetSecretValue"}
    assert {action for action in granted if action.split(":")[0] not in own} == expected
    assert not [action for action in granted if "*" in action]
    open_ = [statement for statement in statements(dev, spec) if statement["Resource"] == "*"]
    assert [actions(statement) for statement in open_] == [{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}]


@each_function
def test_buckets_are_closed_within_the_declared_scope(dev: Synthesized, spec: FunctionSpec) -> None:
    """Only buckets of the declared names, only of this account, and the function knows the same names.

    A bucket that does not exist has no account: with IfExists S3 says NoSuchBucket of it, without AccessDenied.
    """
    scope = [name.replace("${env}", "dev") for name in spec.access.block_public]
    grants = [each for each in statements(dev, spec) if actions(each) & set(BLOCK_PUBLIC)]
    assert len(grants) == bool(spec.access.block_public)
    described = on_lambda(dev, spec)
    assert described["Environment"]["Variables"].get("HERALD_BLOCK_PUBLIC", "") == ",".join(scope)
    for statement in grants:
        assert statement["Condition"] == {"StringEqualsIfExists": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}}
        named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        ends = [arn["Fn::Join"][1][-1] for arn in named]
        assert ends == [f":s3:::{pattern}" for pattern in scope]


def test_no_environment_closes_the_buckets_of_another(dev: Synthesized, prod: Synthesized) -> None:
    """Names of buckets begin with that of their stack, and so with that of their environment."""
    for app, name in ((dev, "dev"), (prod, "prod")):
        function = properties(app, "AWS::Lambda::Function", "FunctionName", f"herald-{name}-close_public_bucket")
        assert function["Environment"]["Variables"]["HERALD_BLOCK_PUBLIC"] == f"herald-{name}-*"
        assert all(stack.startswith(f"herald-{name}-") for stack in app.templates)


@each_function
def test_an_emitter_can_only_speak_for_itself(dev: Synthesized, spec: FunctionSpec) -> None:
    """The grant to put events is conditioned on the function's own source and its declared types."""
    puts = [each for each in statements(dev, spec) if "events:PutEvents" in actions(each)]
    assert len(puts) == bool(spec.access.emit)
    for statement in puts:
        # A call has several entries, and a plain StringEquals compares one value.
        assert statement["Condition"] == {
            "ForAllValues:StringEquals": {
                "events:source": [f"herald.{spec.first_name}"],
                "events:detail-type": list(spec.access.emit),
            },
            "Null": {"events:source": "false", "events:detail-type": "false"},
        }


def test_a_renamed_function_keeps_its_first_name_beside_its_own(example: Synthesized) -> None:
    """Its variables and its grant to emit say it; one that has but one name has no such variable."""
    functions = [each["Properties"] for each in example.resources("AWS::Lambda::Function", "functions").values()]
    variables = {each["FunctionName"]: each["Environment"]["Variables"] for each in functions}
    names = {name: (said["HERALD_FUNCTION"], said.get("HERALD_FIRST_NAME")) for name, said in variables.items()}
    assert names.pop("herald-dev-copy_object") == ("copy_object", "double_object")
    assert {first for _, first in names.values()} == {None}
    policies = json.dumps(example.resources("AWS::IAM::Policy", "functions"))
    assert re.findall(r'"events:source": \["([^"]*)"', policies) == ["herald.double_object"]


@each_queued
def test_the_ledger_is_claimed_settled_and_never_emptied(dev: Synthesized, spec: FunctionSpec) -> None:
    """A function inserts, updates and reads rows by key, and erases none."""
    (table,) = [each for each in statements(dev, spec) if "dynamodb:PartiQLInsert" in actions(each)]
    assert actions(table) == {"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:BatchGetItem"}


@each_function
def test_item_calls_reach_the_rows_of_steps_alone(dev: Synthesized, spec: FunctionSpec) -> None:
    """Only a function with Powertools steps has item calls, and only on keys that begin with `step/`: no run's row."""
    steps = {f"dynamodb:{name}Item" for name in ("Get", "Put", "Update", "Delete")}
    tables = set(READ_ITEMS) | set(WRITE_ITEMS) if any(r.kind == "table" for _, r in spec.access.named()) else set()
    granted = [each for each in statements(dev, spec) if (actions(each) & steps) - tables]
    assert len(granted) == bool(spec.access.publish or not spec.queued)
    for statement in granted:
        assert actions(statement) == steps
        assert statement["Condition"] == {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["step/*"]},
            "Null": {"dynamodb:LeadingKeys": "false"},
        }


@each_function
def test_a_function_knows_which_types_it_may_emit(dev: Synthesized, spec: FunctionSpec) -> None:
    """Those of its declaration; one that emits nothing is told nothing."""
    described = on_lambda(dev, spec)
    variables = described["Environment"]["Variables"]
    assert variables.get("HERALD_EMITS", "") == ",".join(spec.access.emit)


@each_answering
def test_an_endpoint_is_open_to_signatures_alone(dev: Synthesized, spec: FunctionSpec) -> None:
    """Lambda asks for no credentials, no browser is let in, and the rate is bounded; its output names the URL."""
    functions = dev.resources("AWS::Lambda::Function", f"functions-{spec.owner}")
    (name,) = [key for key, each in functions.items() if each["Properties"]["Handler"].split(".")[1] == spec.name]
    urls = [each["Properties"] for each in dev.resources("AWS::Lambda::Url").values()]
    (url,) = [each for each in urls if name in json.dumps(each["TargetFunctionArn"])]
    assert url == {"AuthType": "NONE", "TargetFunctionArn": {"Fn::GetAtt": [name, "Arn"]}}
    described, http = functions[name]["Properties"], spec.trigger.http
    assert http
    assert described["ReservedConcurrentExecutions"] == http.max_concurrency
    variables = described["Environment"]["Variables"]
    assert variables["HERALD_MAX_BODY_KB"] == str(http.max_body_kb)
    senders = json.loads(variables["HERALD_SENDERS"])
    assert {name: tuple(each["types"]) for name, each in senders.items()} == {
        name: each.types for name, each in http.senders.items()
    }
    assert "FunctionUrl" in json.dumps(dev.templates[f"herald-dev-functions-{spec.owner}"]["Outputs"])


@each_answering
def test_an_endpoint_has_no_queue(dev: Synthesized, spec: FunctionSpec) -> None:
    """Its sender waits: nothing of it could lie in a dead-letter queue, and no rule runs it."""
    names = {each["Properties"].get("QueueName") for each in dev.resources("AWS::SQS::Queue").values()}
    assert not [name for name in names if f"herald-dev-{spec.name}" in str(name)]
    rules = dev.resources("AWS::Events::Rule").values()
    assert not [rule for rule in rules if rule["Properties"]["Name"].startswith(f"herald-dev-{spec.name}-")]


@each_answering
def test_an_endpoint_uses_the_ledger_for_its_steps_alone(dev: Synthesized, spec: FunctionSpec) -> None:
    """It has no runs to claim."""
    granted = {action for each in statements(dev, spec) for action in actions(each) if action.startswith("dynamodb:")}
    assert granted == {f"dynamodb:{name}Item" for name in ("Get", "Put", "Update", "Delete")}


@each_function
def test_a_secret_is_read_by_who_declares_it(dev: Synthesized, spec: FunctionSpec) -> None:
    """GetSecretValue on each of them and on nothing else; their ARNs are in the environment by the declared names."""
    reads = [each for each in statements(dev, spec) if "secretsmanager:GetSecretValue" in actions(each)]
    assert len(reads) == bool(spec.secrets)
    described = on_lambda(dev, spec)
    variables = described["Environment"]["Variables"]
    arns = [variables[f"HERALD_SECRET_{name.upper()}"] for name in spec.secrets]
    for statement in reads:
        listed = statement["Resource"]
        assert (listed if isinstance(listed, list) else [listed]) == arns


def own_secret(app: Synthesized) -> tuple[str, dict[str, Any]]:
    """Return the one secret of the functions declared for tests, with its logical id."""
    ((name, secret),) = app.resources("AWS::SecretsManager::Secret", "functions-example").items()
    return name, secret


def test_a_secret_of_its_own_is_read_by_one_function(example: Synthesized) -> None:
    """Its stack makes it and names it; it is all that the function may read, and no other function may."""
    name, _ = own_secret(example)
    policies = example.resources("AWS::IAM::Policy", "functions-example").values()
    reads = [each for each in policies if "secretsmanager:" in json.dumps(each)]
    (policy,) = [each["Properties"]["PolicyDocument"]["Statement"] for each in reads]
    (read,) = [each for each in policy if "secretsmanager:" in json.dumps(each)]
    assert (read["Action"], read["Resource"]) == ("secretsmanager:GetSecretValue", {"Ref": name})
    described = properties(example, "AWS::Lambda::Function", "FunctionName", "herald-dev-answer_requests")
    assert described["Environment"]["Variables"]["HERALD_SECRET_KEYS"] == {"Ref": name}
    outputs = example.templates["herald-dev-functions-example"]["Outputs"]
    assert outputs["SecretAnswerRequests"]["Value"] == {"Ref": name}


def test_a_secret_of_its_own_outlives_a_rename(example: Synthesized, tmp_path: Path) -> None:
    """CloudFormation finds it under the same id, so that its keys stay; the output has the present name."""
    (spec,) = [each for each in loader.load(Path(__file__).parent / "example") if each.has_own_secret]
    renamed = replace(spec, name="answer_all", formerly=(spec.name,))
    app = synthesize(tmp_path / "out", "dev", [renamed])
    assert own_secret(app) == own_secret(example)
    assert app.templates["herald-dev-functions-example"]["Outputs"]["SecretAnswerAll"]


def test_secrets_begin_empty_and_are_kept(prod: Synthesized, example: Synthesized, tmp_path: Path) -> None:
    """No key stands in a template: people put them in. In prod a secret outlives its stack."""
    kept = synthesize(tmp_path / "out", "prod", loader.load(Path(__file__).parent / "example"))
    for app, policy in ((example, "Delete"), (prod, KEPT), (kept, KEPT)):
        for secret in app.resources("AWS::SecretsManager::Secret").values():
            assert "SecretString" not in secret["Properties"]
            assert secret["Properties"]["GenerateSecretString"]["SecretStringTemplate"] == "{}"
            assert secret["DeletionPolicy"] == policy


def test_the_journal_catches_every_event_and_writes_few_objects(dev: Synthesized, prod: Synthesized) -> None:
    """All of the bus, all that S3 tells of our buckets; thousands of events a put; kept as long as cdk.json says."""
    rules = dev.resources("AWS::Events::Rule", "journal").values()
    patterns = {rule["Properties"]["Name"].rpartition("-")[2]: rule["Properties"]["EventPattern"] for rule in rules}
    assert patterns["herald"] == {"source": [{"prefix": ""}]}
    assert patterns["default"]["source"] == ["aws.s3"]
    assert len(patterns["default"]["detail"]["bucket"]["name"]) == 2
    (mapping,) = dev.resources("AWS::Lambda::EventSourceMapping", "journal").values()
    assert mapping["Properties"]["BatchSize"] == 10_000
    assert mapping["Properties"]["MaximumBatchingWindowInSeconds"] == 30
    assert mapping["Properties"]["ScalingConfig"] == {"MaximumConcurrency": 10}
    for app, days in ((dev, 14), (prod, 90)):
        (bucket,) = [each for name, each in app.resources("AWS::S3::Bucket").items() if "Journal" in name]
        lifecycle = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        kept = {each["Prefix"]: each["ExpirationInDays"] for each in lifecycle}
        assert kept == {"events/": days, "dead-letters/": 2 * 14 + 1}


def test_the_journal_may_write_its_events_and_nothing_else(dev: Synthesized) -> None:
    """It does not read what it keeps, and the ledger is none of its business."""
    (policy,) = dev.resources("AWS::IAM::Policy", "journal").values()
    granted = {action for each in policy["Properties"]["PolicyDocument"]["Statement"] for action in actions(each)}
    assert {action for action in granted if action.split(":")[0] not in {"logs", "xray", "sqs"}} == {"s3:PutObject"}


def test_functions_depend_on_storage_and_never_back(dev: Synthesized) -> None:
    """Storage imports nothing, so that it can be deployed first and alone."""
    assert "Fn::ImportValue" not in json.dumps(dev.templates["herald-dev-storage"])
    for spec in SPECS:
        assert "herald-dev-storage:" in json.dumps(dev.templates[f"herald-dev-functions-{spec.owner}"])


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_worker_knows_which_versions_it_reads(dev: Synthesized, spec: FunctionSpec) -> None:
    """Those of its samples; a function that no event of ours runs knows none."""
    said = on_lambda(dev, spec)["Environment"]["Variables"].get("HERALD_READS", "")
    events = [loader.sample(name) for name in spec.trigger.samples]
    ours = [each["detail"] for each in events if "specversion" in each.get("detail", {})]
    named = {each.get("dataschema", f"herald:{each['type']}/1").removeprefix("herald:") for each in ours}
    assert set(filter(None, said.split(","))) == named
