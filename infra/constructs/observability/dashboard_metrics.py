"""The metrics on the dashboard, with the dimensions that their services publish."""

from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Metric

from infra.constructs.environment import Environment
from infra.declarations import naming

NAMESPACE: Final = "Herald"
# What functions/runtime counts: decisions about events, and answers to HTTPS requests.
RUNS: Final = ("RunsProcessed", "RunsFailed")
EVENTS: Final = ("EventsDuplicate", "EventsStale", "EventsLate", "EventsRejected", "EventsIgnored")
REQUESTS: Final = ("RequestsAccepted", "RequestsRepeated", "RequestsIgnored", "RequestsRefused", "RequestsFailed")
DURATIONS: Final = ("EventLag", "RunDuration")
PERIOD: Final = Duration.minutes(5)


class DashboardMetrics:
    """The metrics of one environment."""

    def __init__(self, environment: Environment) -> None:
        """Remember the environment, which is part of all names."""
        self._environment = environment.name

    def of_runtime(self, name: str, function: str, statistic: str = "Sum", label: str | None = None) -> Metric:
        """Return a metric that the runtime writes in the embedded metric format."""
        dimensions = {"function": function, "environment": self._environment}
        return _metric(NAMESPACE, name, dimensions, statistic, label or name)

    def of_lambda(self, name: str, function: str, statistic: str = "Sum", label: str | None = None) -> Metric:
        """Return a metric of a function.

        Source: "Types of metrics for Lambda functions", AWS Lambda Developer Guide.
        """
        dimensions = {"FunctionName": naming.physical(self._environment, function)}
        return _metric("AWS/Lambda", name, dimensions, statistic, label or name)

    def oldest_message(self, function: str, label: str) -> Metric:
        """Return the age of the oldest message in the queue of a function, in seconds.

        SQS leaves out messages that were received three times or more. Source: "Available CloudWatch metrics for Amazon
        SQS", Amazon SQS Developer Guide.
        """
        return self._of_queue("ApproximateAgeOfOldestMessage", naming.physical(self._environment, function), label)

    def messages(self, function: str, label: str) -> Metric:
        """Return the number of visible messages in the queue of a function."""
        return self._of_queue("ApproximateNumberOfMessagesVisible", naming.physical(self._environment, function), label)

    def in_flight(self, function: str, label: str) -> Metric:
        """Return the number of messages that a function has received and not yet deleted."""
        queue = naming.physical(self._environment, function)
        return self._of_queue("ApproximateNumberOfMessagesNotVisible", queue, label)

    def dead_letters(self, function: str, label: str) -> Metric:
        """Return the number of visible messages in the dead-letter queue of a function."""
        return self.messages(f"{function}-dead", label)

    def undelivered(self, queue: str) -> Metric:
        """Return the number of events that EventBridge could not deliver to a queue of a function."""
        return self._of_queue("ApproximateNumberOfMessagesVisible", queue, "undelivered")

    @staticmethod
    def _of_queue(name: str, queue: str, label: str) -> Metric:
        return _metric("AWS/SQS", name, {"QueueName": queue}, "Maximum", label)


def _metric(namespace: str, name: str, dimensions: dict[str, str], statistic: str, label: str) -> Metric:
    return Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        label=label,
        period=PERIOD,
    )
