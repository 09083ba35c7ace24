"""The rule of AWS IoT Core that sends MQTT messages to a queue, with one role for each queue that it sends to."""

from aws_cdk import Stack
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_iot import CfnTopicRule
from aws_cdk.aws_sqs import Queue
from constructs import Construct

from infra.declarations import topic
from infra.declarations.spec import IotTrigger


class IotRule(Construct):
    """Sends messages that match a topic filter to a queue, or to `undelivered` if that fails."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        description: str,
        trigger: IotTrigger,
        queue: Queue,
        undelivered: Queue,
    ) -> None:
        """Create the rule; AWS IoT refuses hyphens in the name of a rule, so they become underscores."""
        super().__init__(scope, construct_id)
        rule = name.replace("-", "_")
        CfnTopicRule(
            self,
            "Rule",
            rule_name=rule,
            topic_rule_payload=CfnTopicRule.TopicRulePayloadProperty(
                sql=topic.sql(trigger.topic),
                aws_iot_sql_version=topic.SQL_VERSION,
                description=description,
                actions=[self._send(queue, rule, "Sender")],
                error_action=self._send(undelivered, rule, "ErrorSender"),
            ),
        )

    def _send(self, queue: Queue, rule: str, role_id: str) -> CfnTopicRule.ActionProperty:
        """Return the action that sends to one queue with a role of its own, which only this rule can assume."""
        stack = Stack.of(self)
        arn = stack.format_arn(service="iot", resource="rule", resource_name=rule)
        only_this_rule = {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnEquals": {"aws:SourceArn": arn}}
        iot = ServicePrincipal("iot.amazonaws.com").with_conditions(only_this_rule)
        # An inline policy exists as soon as its role does. The rule depends on the role, but would not depend on a
        # separate policy.
        send = PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn])
        role = Role(
            self,
            role_id,
            assumed_by=iot,
            description=f"Lets the rule {rule} send to one queue",
            inline_policies={"Send": PolicyDocument(statements=[send])},
        )
        sqs = CfnTopicRule.SqsActionProperty(queue_url=queue.queue_url, role_arn=role.role_arn, use_base64=False)
        return CfnTopicRule.ActionProperty(sqs=sqs)
