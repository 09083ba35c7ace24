"""What the role of the widget allows: reading for answers, and moving dead letters for a redrive."""

from collections.abc import Iterator

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_iam import PolicyStatement

from infra.constructs import nag
from infra.constructs.environment import Environment
from infra.constructs.storage import BODIES, EVENTS, Storage
from infra.declarations import naming

# The actions that support no resource-level permissions: they list event source mappings and queues. Source: "Actions,
# resources, and condition keys" of AWS Lambda and Amazon SQS, Service Authorization Reference.
LISTING = ("lambda:ListEventSourceMappings", "sqs:ListQueues")
ANY_REASON = "ListEventSourceMappings and ListQueues support no resource-level permissions; both only list."
NAMES_REASON = (
    "Functions are deployed after the dashboard, so the grant has the common begin of the names of functions, log "
    "groups and queues of this environment. The ARN of a stack ends in an id that CloudFormation generates."
)
KEYS_REASON = "The keys of events and of dead letters vary by time and content, so the grants have their prefixes."


class WidgetRole:
    """The statements of one environment's widget, and the findings of cdk-nag on them with their reasons."""

    def __init__(self, stack: Stack, environment: Environment, storage: Storage) -> None:
        """Remember the resources; `stack` is that of the widget."""
        self._stack, self._storage = stack, storage
        self._prefix = naming.physical(environment.name, "")

    def reading(self) -> Iterator[PolicyStatement]:
        """Yield the statements for answers: ledger, journal, logs, functions, queues and outputs.

        The role may not read objects of data buckets: the permission for HeadObject, s3:GetObject, would also allow
        their contents. Source: "HeadObject", Amazon S3 API Reference.
        """
        ledger, journal = self._storage.ledger.table_arn, self._storage.journal
        yield PolicyStatement(actions=["dynamodb:Query", "dynamodb:BatchGetItem"], resources=[ledger])
        yield PolicyStatement(actions=["dynamodb:Query"], resources=[f"{ledger}/index/runs"])
        objects = [journal.arn_for_objects(f"{prefix}*") for prefix in (EVENTS, BODIES)]
        yield PolicyStatement(actions=["s3:GetObject"], resources=objects)
        yield PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[journal.bucket_arn],
            conditions={"StringLike": {"s3:prefix": [f"{EVENTS}*"]}},
        )
        yield PolicyStatement(actions=["logs:FilterLogEvents"], resources=[self._logs])
        yield PolicyStatement(actions=["lambda:GetFunctionConfiguration"], resources=[self._functions])
        yield PolicyStatement(actions=["sqs:GetQueueAttributes"], resources=[self._queues])
        yield PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[self._storage_stack])

    def redriving(self) -> Iterator[PolicyStatement]:
        """Yield the statements for a redrive, the only change that the widget makes.

        It receives messages of dead-letter queues, sends them to the queue of their function, and deletes them. The
        visibility of messages that it does not choose is changed back.
        """
        dead_letters = [f"{self._queues}-dead", self._storage.undelivered.queue_arn]
        yield PolicyStatement(
            sid="RedriveTakesDeadLetters",
            actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
            resources=dead_letters,
        )
        yield PolicyStatement(sid="RedriveSendsToFunctions", actions=["sqs:SendMessage"], resources=[self._queues])

    @staticmethod
    def listing() -> PolicyStatement:
        """Return the statement on all resources."""
        return PolicyStatement(actions=list(LISTING), resources=["*"])

    def findings(self) -> dict[str, str]:
        """Return the findings on wildcards in ARNs."""
        arns = (self._logs, self._functions, self._queues, f"{self._queues}-dead", self._storage_stack)
        named = [nag.wildcard(self._shown(each)) for each in arns]
        keys = [self._storage.journal_wildcard(f"{prefix}*") for prefix in (EVENTS, BODIES)]
        return dict.fromkeys(named, NAMES_REASON) | dict.fromkeys(keys, KEYS_REASON)

    def _shown(self, arn: str) -> str:
        """Return an ARN as cdk-nag shows it, with the names of its parameters."""
        parameters = {
            "Partition": self._stack.partition,
            "Region": self._stack.region,
            "AccountId": self._stack.account,
        }
        for name, token in parameters.items():
            arn = arn.replace(token, f"<AWS::{name}>")
        return arn

    @property
    def _logs(self) -> str:
        return self._arn("logs", "log-group", f"/aws/lambda/{self._prefix}*", ArnFormat.COLON_RESOURCE_NAME)

    @property
    def _functions(self) -> str:
        return self._arn("lambda", "function", f"{self._prefix}*", ArnFormat.COLON_RESOURCE_NAME)

    @property
    def _queues(self) -> str:
        return self._arn("sqs", f"{self._prefix}*", None, ArnFormat.NO_RESOURCE_NAME)

    @property
    def _storage_stack(self) -> str:
        return self._arn("cloudformation", "stack", f"{self._prefix}storage/*", ArnFormat.SLASH_RESOURCE_NAME)

    def _arn(self, service: str, resource: str, name: str | None, form: ArnFormat) -> str:
        return self._stack.format_arn(service=service, resource=resource, resource_name=name, arn_format=form)
