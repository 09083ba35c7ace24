"""How MQTT messages come to a queue: a rule of AWS IoT Core, and one role for each of the two queues it may send to."""

from aws_cdk import Stack
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_iot import CfnTopicRule
from aws_cdk.aws_sqs import Queue
from constructs import Construct

from infra.declarations import topic
from infra.declarations.spec import IotTrigger


class TopicRule(Construct):
    """The messages of a topic filter go to a queue, and those that cannot be sent there to `undelivered`."""

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
        """Create it; the name of a rule has no hyphens, which AWS IoT would refuse."""
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
        """Return the action that sends to one queue, as a role which this rule alone may assume and can do no more."""
        stack = Stack.of(self)
        arn = stack.format_arn(service="iot", resource="rule", resource_name=rule)
        only_this = {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnEquals": {"aws:SourceArn": arn}}
        iot = ServicePrincipal("iot.amazonaws.com").with_conditions(only_this)
        # Inline, so that the policy is there as soon as the role is: the rule waits for no more than its role.
        send = PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn])
        role = Role(
            self,
            role_id,
            assumed_by=iot,
            description=f"{rule} sends to one queue",
            inline_policies={"Send": PolicyDocument(statements=[send])},
        )
        sqs = CfnTopicRule.SqsActionProperty(queue_url=queue.queue_url, role_arn=role.role_arn, use_base64=False)
        return CfnTopicRule.ActionProperty(sqs=sqs)
