"""The resource policy of the bus: it defines who may put events with which sources.

It has a stack of its own, because the local AWS does not support the policy of a bus.
"""

from typing import Final

from aws_cdk import Stack
from aws_cdk.aws_events import CfnEventBusPolicy, IEventBus
from aws_cdk.aws_iam import AccountPrincipal, AnyPrincipal, Effect, PolicyStatement
from constructs import Construct

from infra.constructs.environment import Environment
from infra.declarations.producers import Producer
from infra.declarations.spec import OWN

# `events:source` has a value for each entry of a PutEvents call. ForAllValues also allows a request without values;
# this condition denies it. Source: "Using IAM policy conditions in Amazon EventBridge", Amazon EventBridge User Guide.
HAS_SOURCE: Final = {"Null": {"events:source": "false"}}


class BusPolicy(Construct):
    """Lets other accounts put events with their own sources, and only functions put events with functions' sources."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, bus: IEventBus) -> None:
        """Create the policy for one environment."""
        super().__init__(scope, construct_id)
        # CloudFormation identifies a statement by its id, which must be unique in the account and Region for all buses.
        prefix = environment.name.capitalize()
        statements = [_only_functions(self, environment, bus, prefix)]
        statements += [_allow_producer(each, bus, prefix) for each in environment.producers]
        for statement in statements:
            CfnEventBusPolicy(
                self,
                str(statement.sid),
                event_bus_name=bus.event_bus_name,
                statement_id=str(statement.sid),
                statement=statement.to_statement_json(),
            )


def role_path(environment: Environment) -> str:
    """Return the path of all roles of functions, by which policies recognize these roles."""
    return f"/herald/{environment.name}/functions/"


def _only_functions(scope: Construct, environment: Environment, bus: IEventBus, prefix: str) -> PolicyStatement:
    """Deny the sources of functions to all principals except the functions' roles, whatever their own policies allow.

    A consumer trusts the source of an event. The policy of each role limits the role to its own source.
    For a session of a role, `aws:PrincipalArn` is the ARN of the role with its path. Source: "AWS global condition
    context keys", AWS IAM User Guide.
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


def _allow_producer(producer: Producer, bus: IEventBus, prefix: str) -> PolicyStatement:
    """Allow another account to put events with its own sources."""
    return PolicyStatement(
        sid=f"{prefix}Producer{producer.account}",
        principals=[AccountPrincipal(producer.account)],
        actions=["events:PutEvents"],
        resources=[bus.event_bus_arn],
        conditions={"ForAllValues:StringEquals": {"events:source": list(producer.sources)}, **HAS_SOURCE},
    )
