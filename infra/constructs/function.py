"""Lambda functions: what all of them are, and the one of a folder, with its role, its log group and its trace."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Code, Function, LayerVersion, Runtime, Tracing
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from infra.constructs import access, bundle, nag, resources
from infra.constructs.bus_policy import role_path
from infra.constructs.environment import Environment
from infra.constructs.storage import QUEUE_RETENTION, Storage
from infra.declarations import naming, requests
from infra.declarations.spec import DeliverySpec, FunctionSpec, HttpTrigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a function is: its code, its limits, its variables, and what it may do beyond logging and tracing."""

    name: str
    description: str
    handler: str
    code: Code
    timeout_seconds: int
    memory_mb: int
    variables: Mapping[str, str]
    statements: Sequence[PolicyStatement]
    reserved_concurrency: int | None = None


class TracedFunction(Construct):
    """A Lambda function with a log group and a role of its own, traced."""

    def __init__(
        self, scope: Construct, construct_id: str, *, program: Program, environment: Environment, layer: LayerVersion
    ) -> None:
        """Create it for one environment."""
        super().__init__(scope, construct_id)
        name = program.name
        logs = LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{name}",
            retention=RetentionDays[environment.log_retention],
            removal_policy=environment.removal,
        )
        self.role = Role(
            self,
            "Role",
            path=role_path(environment),
            assumed_by=ServicePrincipal("lambda.amazonaws.com"),
            description=name,
        )
        log = ["logs:CreateLogStream", "logs:PutLogEvents"]
        for statement in (PolicyStatement(actions=log, resources=[logs.log_group_arn]), *program.statements):
            self.role.add_to_policy(statement)
        nag.acknowledge(self.role, nag.ROLE)
        self.function = Function(
            self,
            "Function",
            function_name=name,
            description=program.description,
            runtime=Runtime.PYTHON_3_13,
            architecture=Architecture.ARM_64 if environment.architecture == "arm64" else Architecture.X86_64,
            handler=program.handler,
            code=program.code,
            layers=[layer],
            timeout=Duration.seconds(program.timeout_seconds),
            memory_size=program.memory_mb,
            reserved_concurrent_executions=program.reserved_concurrency,
            tracing=Tracing.ACTIVE,
            log_group=logs,
            role=self.role,
            environment={"POWERTOOLS_LOG_LEVEL": environment.log_level, **program.variables},
        )
        nag.acknowledge(self.function, nag.FUNCTION)


class EventFunction(TracedFunction):
    """The function of one folder: it may do what its declaration says and nothing else."""

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
        """Create it; its events are another construct's business."""
        spec = replace(spec, access=spec.access.in_environment(environment.name))
        own = _own_secret(scope, spec, environment) if spec.has_own_secret else ""
        program = Program(
            name=naming.physical(environment.name, spec.name),
            description=spec.description,
            handler=f"functions.{spec.name}.handler.handle",
            code=bundle.function_code(environment.architecture, spec),
            timeout_seconds=spec.timeout_seconds,
            memory_mb=spec.memory_mb,
            reserved_concurrency=spec.trigger.http.max_concurrency if spec.trigger.http else None,
            variables=_variables(spec, environment, storage) | access.environment(spec, storage, own),
            statements=[*_ledger(spec, storage), *access.statements(spec, storage, own)],
        )
        super().__init__(scope, construct_id, program=program, environment=environment, layer=layer)
        nag.acknowledge(self.role, nag.declared_prefixes(spec, storage) | nag.declared_buckets(spec))


def _own_secret(scope: Construct, spec: FunctionSpec, environment: Environment) -> str:
    """Make the secret that this function alone may read; return its ARN, which an output names too.

    Its id has the first name, so that what people put there outlives a rename.
    """
    made = resources.secret(Stack.of(scope), f"secret.{spec.first_name}", environment)
    CfnOutput(made, "Arn", value=made.secret_arn).override_logical_id(naming.secret_output(spec.name))
    return made.secret_arn


def _ledger(spec: FunctionSpec, storage: Storage) -> Iterator[PolicyStatement]:
    """Allow the statements of claim and settle with the read between them, and the calls of a Powertools step.

    Steps have keys that begin with `step/`, so their calls are limited to such keys. The keys of runs are the subjects
    of events, which nobody knows in advance, so the statements are not limited: a function could write another
    function's row of a subject. Source: "Using IAM policy conditions for fine-grained access control", Amazon DynamoDB
    Developer Guide.
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
    """Return the environment that functions/runtime reads; the queues' URLs come with the delivery."""
    # A row outlives all that can bring its event again: the queue, the dead-letter queue, and the journal.
    keep_days = 2 * QUEUE_RETENTION.to_days() + environment.journal_days
    return {
        "HERALD_FUNCTION": spec.name,
        **({"HERALD_FIRST_NAME": spec.first_name} if spec.formerly else {}),
        "HERALD_LEDGER": storage.ledger.table_name,
        "HERALD_BUS": storage.bus.event_bus_name,
        "HERALD_ORDER": spec.delivery.order,
        "HERALD_KEEP_DAYS": f"{keep_days:.0f}",
        **({"HERALD_EMITS": ",".join(spec.access.emit)} if spec.access.emit else {}),
        **({"HERALD_READS": ",".join(spec.versions_read)} if spec.reads else {}),
        **(_of_requests(spec.trigger.http) if spec.trigger.http else _of_events(spec.delivery)),
    }


def _of_events(delivery: DeliverySpec) -> dict[str, str]:
    workers = {"HERALD_MAX_CONCURRENCY": str(delivery.max_concurrency)} if delivery.max_concurrency else {}
    wakes = {"HERALD_WAKES": "true"} if delivery.wakes else {}
    return (
        workers
        | wakes
        | {
            "HERALD_MAX_ATTEMPTS": str(delivery.max_attempts),
            "HERALD_BASE_SECONDS": str(delivery.backoff_base_seconds),
            "HERALD_CAP_SECONDS": str(delivery.backoff_cap_seconds),
            "HERALD_MAX_AGE_SECONDS": str(delivery.max_age_seconds),
            "HERALD_FAIR": str(delivery.fair).lower(),
        }
    )


def _of_requests(http: HttpTrigger) -> dict[str, str]:
    return {"HERALD_MAX_BODY_KB": str(http.max_body_kb), "HERALD_SENDERS": json.dumps(requests.senders(http))}
