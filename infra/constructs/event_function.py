"""The Lambda function of one folder in functions/, with the variables and permissions of its declaration."""

import json
from collections.abc import Iterator
from dataclasses import replace

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import LayerVersion
from constructs import Construct

from functions.runtime.core import variables
from infra.constructs import access, bundle, nag, resources
from infra.constructs.environment import Environment
from infra.constructs.storage import QUEUE_RETENTION, Storage
from infra.constructs.traced_function import Program, TracedFunction
from infra.declarations import naming, requests
from infra.declarations.spec import DeliverySpec, FunctionSpec, HttpTrigger


class EventFunction(TracedFunction):
    """The function of one folder; its role allows only what the declaration needs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: FunctionSpec,
        environment: Environment,
        storage: Storage,
        layer: LayerVersion,
    ) -> None:
        """Create the function without a trigger; QueueTrigger or Endpoint adds it."""
        spec = replace(spec, access=spec.access.in_environment(environment.name))
        own_secret = _own_secret(scope, spec, environment) if spec.has_own_secret else ""
        granted = access.environment_variables(spec, storage, own_secret)
        program = Program(
            name=naming.physical(environment.name, spec.name),
            description=spec.description,
            handler=f"functions.{spec.name}.handler.handle",
            code=bundle.function_code(environment.architecture, spec),
            timeout_seconds=spec.timeout_seconds,
            memory_mb=spec.memory_mb,
            reserved_concurrency=spec.trigger.http.max_concurrency if spec.trigger.http else None,
            variables=_variables(spec, environment, storage) | granted,
            statements=[*_ledger(spec, storage), *access.statements(spec, storage, own_secret)],
        )
        super().__init__(scope, construct_id, program=program, environment=environment, layer=layer)
        nag.acknowledge(self.role, access.wildcards(spec, storage))


def _own_secret(scope: Construct, spec: FunctionSpec, environment: Environment) -> str:
    """Create the secret that only this function can read, with an output; return its ARN.

    The id contains the function's first name, so that a rename keeps the secret and its value.
    """
    made = resources.secret(Stack.of(scope), f"secret.{spec.first_name}", environment)
    CfnOutput(made, "Arn", value=made.secret_arn).override_logical_id(naming.secret_output(spec.name))
    return made.secret_arn


def _ledger(spec: FunctionSpec, storage: Storage) -> Iterator[PolicyStatement]:
    """Allow the statements of claim and settle with the read between them, and the calls of Powertools steps.

    Keys of steps begin with `step/`, so a condition limits the calls of steps to these keys. The key of a run is the
    subject of its event, which is not known at deployment, so claim and settle are not limited: a function could write
    another function's row of a subject. Source: "Using IAM policy conditions for fine-grained access control", Amazon
    DynamoDB Developer Guide.
    """
    table = [storage.ledger.table_arn]
    if spec.queued:
        yield PolicyStatement(
            actions=["dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:BatchGetItem"], resources=table
        )
    if spec.access.publish or not spec.queued:
        yield PolicyStatement(
            actions=["dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:DeleteItem"],
            resources=table,
            conditions={
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["step/*"]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        )


def _variables(spec: FunctionSpec, environment: Environment, storage: Storage) -> dict[str, str]:
    """Return the variables that functions/runtime reads; QueueTrigger adds URLs of queues, TracedFunction the rest."""
    # A row must outlive every source that can deliver its event again: queue, dead-letter queue and journal.
    keep_days = 2 * QUEUE_RETENTION.to_days() + environment.journal_days
    required = {
        variables.FUNCTION: spec.name,
        variables.LEDGER: storage.ledger.table_name,
        variables.BUS: storage.bus.event_bus_name,
        variables.ORDER: spec.delivery.order,
        variables.KEEP_DAYS: f"{keep_days:.0f}",
    }
    optional = {
        variables.FIRST_NAME: spec.first_name if spec.formerly else "",
        variables.EMITS: ",".join(spec.access.emit),
        variables.READS: ",".join(spec.versions_read),
        variables.SETTINGS: json.dumps(spec.settings) if spec.settings else "",
        variables.LOG_LEVEL: spec.logging.level,
        variables.LOG_SAMPLE_RATE: str(spec.logging.sample or ""),
    }
    of_trigger = _request_variables(spec.trigger.http) if spec.trigger.http else _queue_variables(spec.delivery)
    return required | _without_empty(optional) | of_trigger


def _queue_variables(delivery: DeliverySpec) -> dict[str, str]:
    required = {
        variables.MAX_ATTEMPTS: str(delivery.max_attempts),
        variables.BASE_SECONDS: str(delivery.backoff_base_seconds),
        variables.CAP_SECONDS: str(delivery.backoff_cap_seconds),
        variables.MAX_AGE_SECONDS: str(delivery.max_age_seconds),
        variables.FAIR: str(delivery.fair).lower(),
    }
    optional = {
        variables.MAX_CONCURRENCY: str(delivery.max_concurrency or ""),
        variables.WAKES: "true" if delivery.wakes else "",
    }
    return required | _without_empty(optional)


def _request_variables(http: HttpTrigger) -> dict[str, str]:
    return {variables.MAX_BODY_KB: str(http.max_body_kb), variables.SENDERS: json.dumps(requests.senders(http))}


def _without_empty(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
