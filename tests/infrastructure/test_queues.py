"""The queues of functions, their rules and event source mappings, and their dead letters."""

import json
from dataclasses import replace
from pathlib import Path

from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized, synthesize
from tests.infrastructure.lookups import (
    QUEUED,
    actions,
    each_function,
    each_queued,
    grants,
    on_lambda,
    properties,
    statements,
)


@each_queued
def test_queues_lose_nothing(dev: Synthesized, spec: FunctionSpec) -> None:
    """Visibility timeout, 1,000 receives, 14 days, and a dead-letter queue; both queues accept only TLS."""
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
    """There is one rule for each bus with the declared pattern and a dead-letter queue for failed deliveries."""
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
    """A failed record does not fail its batch, and a function cannot take all concurrency."""
    functions, mappings = (dev.resources(f"AWS::Lambda::{kind}") for kind in ("Function", "EventSourceMapping"))
    (function,) = [name for name, each in functions.items() if each["Properties"] == on_lambda(dev, spec)]
    (mapping,) = [
        each["Properties"] for each in mappings.values() if each["Properties"]["FunctionName"] == {"Ref": function}
    ]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] == spec.delivery.batch_size
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": spec.delivery.max_concurrency}


def test_without_a_limit_an_idle_queue_has_fewer_pollers(tmp_path: Path) -> None:
    """`max_concurrency = 0` omits the scaling configuration; the worker then assumes Lambda's maximum."""
    (spec, *_) = QUEUED
    app = synthesize(tmp_path, "dev", [replace(spec, delivery=replace(spec.delivery, max_concurrency=0))])
    (mapping,) = app.resources("AWS::Lambda::EventSourceMapping", "functions-").values()
    (function,) = app.resources("AWS::Lambda::Function", "functions-").values()
    assert "ScalingConfig" not in mapping["Properties"]
    assert "HERALD_MAX_CONCURRENCY" not in function["Properties"]["Environment"]["Variables"]


@each_queued
def test_a_function_sends_to_its_own_queue_only_where_it_wakes(dev: Synthesized, spec: FunctionSpec) -> None:
    """`wakes = true` grants sqs:SendMessage on the function's queue and sets a variable."""
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
def test_bodies_of_dead_letters_are_a_functions_own(dev: Synthesized, spec: FunctionSpec) -> None:
    """A function with a queue can store and read them below its first name."""
    found = {(action, resource) for action, resource in grants(dev, spec) if "/dead-letters/" in resource}
    assert {action for action, _ in found} == ({"s3:PutObject", "s3:GetObject"} if spec.queued else set())
    assert all(f"/dead-letters/{spec.first_name}/*" in resource for _, resource in found)
    variables = on_lambda(dev, spec)["Environment"]["Variables"]
    assert ("HERALD_DEAD_LETTER_BODIES" in variables) == spec.queued
