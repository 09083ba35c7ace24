"""The Lambda function of one folder, with its role, its log group and its trace."""

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Function, LayerVersion, Runtime, Tracing
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from infra import access, bundle, guards
from infra.environment import Environment
from infra.spec import FunctionSpec
from infra.storage import Storage


class EventFunction(Construct):
    """A Lambda function that may do what its declaration says and nothing else."""

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
        super().__init__(scope, construct_id)
        name = f"herald-{environment.name}-{spec.name}"
        logs = LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{name}",
            retention=RetentionDays[environment.log_retention],
            removal_policy=environment.removal,
        )
        self.role = self._make_role(spec, storage, logs)
        self.function = Function(
            self,
            "Function",
            function_name=name,
            description=spec.description,
            runtime=Runtime.PYTHON_3_13,
            architecture=Architecture.ARM_64 if environment.architecture == "arm64" else Architecture.X86_64,
            handler=f"functions.{spec.name}.handler.handle",
            code=bundle.function_code(spec.name),
            layers=[layer],
            timeout=Duration.seconds(spec.timeout_seconds),
            memory_size=spec.memory_mb,
            tracing=Tracing.ACTIVE,
            log_group=logs,
            role=self.role,
            environment=_variables(spec, environment, storage),
        )
        guards.acknowledge(self.function, guards.FUNCTION)

    def _make_role(self, spec: FunctionSpec, storage: Storage, logs: LogGroup) -> Role:
        principal = ServicePrincipal("lambda.amazonaws.com")
        role = Role(self, "Role", assumed_by=principal, description=f"Herald: {spec.name}")
        log = ["logs:CreateLogStream", "logs:PutLogEvents"]
        role.add_to_policy(PolicyStatement(actions=log, resources=[logs.log_group_arn]))
        # The four calls of a Powertools persistence layer; claim and settle are updates.
        calls = ["dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:DeleteItem"]
        role.add_to_policy(PolicyStatement(actions=calls, resources=[storage.ledger.table_arn]))
        for statement in access.statements(spec, storage):
            role.add_to_policy(statement)
        guards.acknowledge(role, guards.ROLE | guards.declared_prefixes(spec, storage))
        return role


def _variables(spec: FunctionSpec, environment: Environment, storage: Storage) -> dict[str, str]:
    """Return the environment that functions/runtime/settings.py reads; the queues' URLs come with the delivery."""
    return {
        "HERALD_FUNCTION": spec.name,
        "HERALD_LEDGER": storage.ledger.table_name,
        "HERALD_BUS": storage.bus.event_bus_name,
        "HERALD_MAX_ATTEMPTS": str(spec.delivery.max_attempts),
        "POWERTOOLS_LOG_LEVEL": environment.log_level,
        **access.environment(spec, storage),
    }
