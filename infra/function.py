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
        log_group = LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{name}",
            retention=RetentionDays[environment.log_retention],
            removal_policy=environment.removal,
        )
        self.role = Role(
            self, "Role", assumed_by=ServicePrincipal("lambda.amazonaws.com"), description=f"Herald: {spec.name}"
        )
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
            log_group=log_group,
            role=self.role,
            environment={
                "HERALD_FUNCTION": spec.name,
                "HERALD_LEDGER": storage.ledger.table_name,
                "HERALD_BUS": storage.bus.event_bus_name,
                "HERALD_MAX_ATTEMPTS": str(spec.delivery.max_attempts),
                "POWERTOOLS_LOG_LEVEL": environment.log_level,
                **access.environment(spec, storage),
            },
        )
        for statement in self._statements(spec, storage, log_group):
            self.role.add_to_policy(statement)
        guards.acknowledge(self.function, guards.FUNCTION)
        guards.acknowledge(self.role, guards.ROLE | guards.declared_prefixes(spec, storage))

    @staticmethod
    def _statements(spec: FunctionSpec, storage: Storage, log_group: LogGroup) -> list[PolicyStatement]:
        logs = PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
        )
        # The four calls of a Powertools persistence layer; claim and settle are updates.
        calls = ["dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:DeleteItem"]
        ledger = PolicyStatement(actions=calls, resources=[storage.ledger.table_arn])
        return [logs, ledger, *access.statements(spec, storage)]
