"""The alarms on what all functions share: the journal, the queue `undelivered`, the ledger and the account's quota."""

from typing import Final

from constructs import Construct

from infra.constructs.environment import Environment
from infra.constructs.journal import MAX_CONCURRENCY, TIMEOUT_SECONDS
from infra.constructs.observability import alarm, lambda_alarms, ledger_alarms, queue_alarms, rule_alarms
from infra.constructs.observability.alarm import AlarmDefinition, Condition, Subject, metric
from infra.constructs.observability.lambda_alarms import Watched
from infra.constructs.storage import Storage
from infra.declarations import naming

OWNER: Final = "platform"
NEAR: Final = 0.8


class PlatformAlarms(Construct):
    """The alarms on the journal, `undelivered`, the ledger and the concurrency of the account."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: Storage) -> None:
        """Create the alarms; they have no actions."""
        super().__init__(scope, construct_id)
        self._environment = environment
        name = naming.physical(environment.name)
        journal = naming.physical(environment.name, "journal")
        ledger = naming.physical(environment.name, "ledger")
        # The stack is the scope of these alarms, because their ids must not change (AlarmDefinition.construct_id).
        of_journal = Construct(scope, alarm.construct_id(journal))
        shared = [queue_alarms.holds_message("undelivered", storage.undelivered.queue_name), _quota(environment)]
        self.alarms = {
            **alarm.make(of_journal, self._subject(journal), _journal(journal, name)),
            **alarm.make(scope, self._subject(name), shared),
            **alarm.make(self, self._subject(ledger), ledger_alarms.of_table(storage.ledger.table_name)),
        }

    def _subject(self, name: str) -> Subject:
        return Subject(name=name, owner=OWNER, runbook=self._environment.runbook)


def _journal(name: str, bus: str) -> list[AlarmDefinition]:
    watched = Watched(name=name, queue=name, timeout_seconds=TIMEOUT_SECONDS, max_concurrency=MAX_CONCURRENCY)
    return [
        *queue_alarms.of_queue(name, None),
        *lambda_alarms.of_function(watched),
        *rule_alarms.of_rules(name, ("default", "herald"), bus),
    ]


def _quota(environment: Environment) -> AlarmDefinition:
    """Return the alarm on the concurrency that is left in the account and Region.

    ClaimedAccountConcurrency has no dimensions and contains reserved concurrency, also while it is unused. Source:
    "Monitoring concurrency", AWS Lambda Developer Guide.
    """
    return AlarmDefinition(
        kind="lambda-quota",
        text=f"Lambda functions claim more than {NEAR:.0%} of the account's {environment.lambda_concurrency:,} "
        "concurrent executions: find the function that grows, and request a higher quota.",
        metric=metric("AWS/Lambda", "ClaimedAccountConcurrency", "Maximum", {}),
        when=Condition(threshold=NEAR * environment.lambda_concurrency),
    )
