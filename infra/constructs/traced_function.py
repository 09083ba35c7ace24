"""A Lambda function with the settings that all functions of Herald share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Code, Function, LayerVersion, Runtime, Tracing
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from functions.runtime.core import variables
from infra.constructs import nag
from infra.constructs.bus_policy import role_path
from infra.constructs.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The code of a function, its limits, its environment variables, and its IAM statements except logs and traces."""

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
    """A Lambda function with its own log group and role, traced with X-Ray."""

    def __init__(
        self, scope: Construct, construct_id: str, *, program: Program, environment: Environment, layer: LayerVersion
    ) -> None:
        """Create the function for one environment."""
        super().__init__(scope, construct_id)
        logs = self._make_logs(program, environment)
        self.role = self._make_role(program, environment, logs)
        self.function = Function(
            self,
            "Function",
            function_name=program.name,
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
            environment={**_variables(environment), **program.variables},
        )
        nag.acknowledge(self.function, nag.FUNCTION)

    def _make_logs(self, program: Program, environment: Environment) -> LogGroup:
        return LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{program.name}",
            retention=RetentionDays[environment.log_retention],
            removal_policy=environment.removal,
        )

    def _make_role(self, program: Program, environment: Environment, logs: LogGroup) -> Role:
        role = Role(
            self,
            "Role",
            path=role_path(environment),
            assumed_by=ServicePrincipal("lambda.amazonaws.com"),
            description=program.name,
        )
        write_logs = ["logs:CreateLogStream", "logs:PutLogEvents"]
        role.add_to_policy(PolicyStatement(actions=write_logs, resources=[logs.log_group_arn]))
        for statement in program.statements:
            role.add_to_policy(statement)
        nag.acknowledge(role, nag.ROLE)
        return role


def _variables(environment: Environment) -> dict[str, str]:
    return {variables.ENVIRONMENT: environment.name, variables.LOG_LEVEL: environment.log_level}
