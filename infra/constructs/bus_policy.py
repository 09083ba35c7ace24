"""The resource policy of the bus: who may put events on it, and under which sources.

It is a stack of its own, because the local AWS knows no policy of a bus.
"""

from typing import Final

from aws_cdk import Stack
from aws_cdk.aws_events import CfnEventBusPolicy, IEventBus
from aws_cdk.aws_iam import AccountPrincipal, AnyPrincipal, Effect, PolicyStatement
from constructs import Construct

from infra.constructs.environment import Environment
from infra.declarations.producers import Producer
from infra.declarations.spec import OWN

# `events:source` has several values, one for each entry of a call: all of them must match, and there must be one.
# Source: "Using IAM policy conditions in Amazon EventBridge", Amazon EventBridge User Guide.
HAS_SOURCE: Final = {"Null": {"events:source": "false"}}


class BusPolicy(Construct):
    """Other accounts may put events of their own sources on the bus; only functions may put events of functions."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, bus: IEventBus) -> None:
        """Create it for one environment."""
        super().__init__(scope, construct_id)
        # CloudFormation knows a statement by its id, which must be unique in the account and region, whatever the bus.
        prefix = environment.name.capitalize()
        statements = [_only_functions(self, environment, bus, prefix)]
        statements += [_admit(each, bus, prefix) for each in environment.producers]
        for statement in statements:
            CfnEventBusPolicy(
                self,
                str(statement.sid),
                event_bus_name=bus.event_bus_name,
                statement_id=str(statement.sid),
                statement=statement.to_statement_json(),
            )


def role_path(environment: Environment) -> str:
    """Return the path of the roles of functions, by which policies tell them from all others."""
    return f"/herald/{environment.name}/functions/"


def _only_functions(scope: Construct, environment: Environment, bus: IEventBus, prefix: str) -> PolicyStatement:
    """Deny everybody but the functions' roles the sources of functions, whatever their own policies allow.

    A consumer matches a function's event by its source, so the source must be true. Which of the sources a role may
    use is in the role's own policy. `aws:PrincipalArn` of a role's session is the ARN of the role, with its path.
    Source: "AWS global condition context keys", AWS IAM User Guide.
    """
    roles = Stack.of(scope).format_arn(
        service="iam", region="", resource="role", resource_name=f"{role_path(environment).strip('/')}/*"
    )
    return PolicyStatement(
        sid=f"{prefix}OnlyFunctionsUseTheirSources",
        effect=Effect.DENY,
        principals=[AnyPrincipal()],
        actions=["events:PutEvents"],
        resources=[bus.event_bus_arn],
        conditions={
            "ForAnyValue:StringLike": {"events:source": f"{OWN}*"},
            "ArnNotLike": {"aws:PrincipalArn": roles},
        },
    )


def _admit(producer: Producer, bus: IEventBus, prefix: str) -> PolicyStatement:
    """Let another account put events of its own sources on the bus, and nothing else."""
    return PolicyStatement(
        sid=f"{prefix}Producer{producer.account}",
        principals=[AccountPrincipal(producer.account)],
        actions=["events:PutEvents"],
        resources=[bus.event_bus_arn],
        conditions={"ForAllValues:StringEquals": {"events:source": list(producer.sources)}, **HAS_SOURCE},
    )
