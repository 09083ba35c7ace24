"""All alarms on one function of functions/, derived from its declaration."""

from constructs import Construct

from infra.constructs.environment import Environment
from infra.constructs.observability import alarm, lambda_alarms, queue_alarms, rule_alarms, run_alarms
from infra.constructs.observability.alarm import Subject, construct_id
from infra.constructs.observability.lambda_alarms import Watched
from infra.declarations import naming
from infra.declarations.spec import FunctionSpec


class FunctionAlarms(Construct):
    """The alarms on a function, its queues and its rules."""

    def __init__(self, scope: Construct, *, spec: FunctionSpec, environment: Environment) -> None:
        """Create the alarms; they have no actions."""
        name = naming.physical(environment.name, spec.name)
        super().__init__(scope, construct_id(name))
        http = spec.trigger.http
        watched = Watched(
            name=name,
            queue=name if spec.queued else "",
            timeout_seconds=spec.timeout_seconds,
            max_concurrency=http.max_concurrency if http else spec.delivery.max_concurrency,
        )
        definitions = [
            *(queue_alarms.of_queue(name, spec.objectives.start_within_seconds) if spec.queued else ()),
            *run_alarms.of_runs(spec, environment.name),
            *lambda_alarms.of_function(watched),
            *rule_alarms.of_rules(name, spec.buses, naming.physical(environment.name)),
        ]
        subject = Subject(name=name, owner=spec.owner, runbook=environment.runbook)
        self.alarms = alarm.make(self, subject, definitions)
