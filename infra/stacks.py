"""The stacks: storage, the journal, the functions of each owner, alarms, the dashboard, and the policy of the bus."""

from collections.abc import Sequence

from aws_cdk import Annotations, App, Stack
from aws_cdk.aws_lambda import LayerVersion, Runtime
from constructs import Construct

from infra.constructs import bundle, nag
from infra.constructs.bus_policy import BusPolicy
from infra.constructs.endpoint import Endpoint
from infra.constructs.environment import Environment
from infra.constructs.event_function import EventFunction
from infra.constructs.journal import Journal
from infra.constructs.observability.alarm import Subject
from infra.constructs.observability.bus_logs import BusLogs
from infra.constructs.observability.dashboard import Dashboard
from infra.constructs.observability.deployments import Deployments
from infra.constructs.observability.function_alarms import FunctionAlarms
from infra.constructs.observability.paging_alarm import PagingAlarm, refuse_equal_names
from infra.constructs.observability.platform_alarms import OWNER, PlatformAlarms
from infra.constructs.observability.saved_queries import SavedQueries
from infra.constructs.queue_trigger import QueueTrigger
from infra.constructs.storage import Storage
from infra.constructs.widget.run_widget import RunWidget
from infra.declarations import naming
from infra.declarations.spec import FunctionSpec
from infra.flow import warnings


class StorageStack(Stack):
    """The stateful resources, which outlive the functions."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        """Create the stack for one environment."""
        super().__init__(
            scope,
            construct_id,
            description="Herald: buckets, bus and ledger",
            termination_protection=environment.removal_policy == "retain",
        )
        self.storage = Storage(self, "Storage", environment=environment)


class BusPolicyStack(Stack):
    """The resource policy of the bus."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: Storage) -> None:
        """Create the stack for one environment."""
        super().__init__(scope, construct_id, description="Herald: the policy of the bus")
        BusPolicy(self, "BusPolicy", environment=environment, bus=storage.bus)


class DashboardStack(Stack):
    """What people look at in CloudWatch: the dashboard with its widget, the saved queries and the log of the bus."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        specs: Sequence[FunctionSpec],
        environment: Environment,
        storage: Storage,
    ) -> None:
        """Create the stack for one environment; it needs at least one function."""
        super().__init__(
            scope, construct_id, description="Herald: dashboard, widget, saved queries and the log of the bus"
        )
        names = [*(spec.name for spec in specs), "journal"]
        runs = RunWidget(self, "RunWidget", environment=environment, storage=storage).widget()
        Dashboard(self, "Dashboard", specs=specs, environment=environment, storage=storage, runs=runs)
        SavedQueries(self, "Queries", environment=environment, functions=names)
        BusLogs(self, "BusLogs", environment=environment, bus=storage.bus)


class JournalStack(Stack):
    """The journal of all events."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: Storage) -> None:
        """Create the stack for one environment."""
        super().__init__(scope, construct_id, description="Herald: the journal of all events")
        Journal(self, "Journal", environment=environment, storage=storage, layer=_layer(self, environment))


class FunctionsStack(Stack):
    """The functions of one owner, and their layer."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        specs: Sequence[FunctionSpec],
        environment: Environment,
        storage: Storage,
    ) -> None:
        """Create one function for each spec, with the queue or the Function URL that invokes it."""
        super().__init__(scope, construct_id, description=f"Herald: the functions of {specs[0].owner}")
        layer = _layer(self, environment)
        for spec in specs:
            folder = Construct(self, naming.pascal(spec.name))
            function = EventFunction(
                folder, "Function", spec=spec, environment=environment, storage=storage, layer=layer
            )
            if spec.queued:
                # The id is part of the logical ids of the queues: CloudFormation would replace them if it changed, and
                # their messages would be lost.
                QueueTrigger(folder, "Delivery", spec=spec, environment=environment, storage=storage, target=function)
            else:
                Endpoint(folder, "Endpoint", spec=spec, target=function)
        nag.limit_resources(self)


class PlatformAlarmsStack(Stack):
    """The alarms on what all functions share, and the alarm that is on during a deployment."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: Storage) -> None:
        """Create the stack for one environment."""
        super().__init__(scope, construct_id, description="Herald: alarms on the platform")
        subject = Subject(name=naming.physical(environment.name), owner=OWNER, runbook=environment.runbook)
        deployments = Deployments(self, "Deployments", subject=subject, environment=environment)
        alarms = PlatformAlarms(self, "Platform", environment=environment, storage=storage).alarms
        paging = PagingAlarm(
            self, "Paging", subject=subject, environment=environment.name, alarms=alarms, topic=storage.notices
        )
        self.alarm_names = (*deployments.names, *paging.names)


class AlarmsStack(Stack):
    """The alarms on the functions of one owner."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        specs: Sequence[FunctionSpec],
        environment: Environment,
        storage: Storage,
    ) -> None:
        """Create the alarms on each function, and one alarm for the owner that publishes to the topic `notices`."""
        owner = specs[0].owner
        super().__init__(scope, construct_id, description=f"Herald: alarms on the functions of {owner}")
        made = [FunctionAlarms(self, spec=spec, environment=environment) for spec in specs]
        alarms = {name: alarm for each in made for name, alarm in each.alarms.items()}
        subject = Subject(name=naming.physical(environment.name, owner), owner=owner, runbook=environment.runbook)
        paging = PagingAlarm(
            self,
            f"Paging{naming.pascal(owner.replace('-', '_'))}",
            subject=subject,
            environment=environment.name,
            alarms=alarms,
            topic=storage.notices,
        )
        self.alarm_names = paging.names
        nag.limit_resources(self)


def _layer(stack: Stack, environment: Environment) -> LayerVersion:
    return LayerVersion(
        stack,
        "Layer",
        description="The wheels of requirements/lambda.txt, which every function uses",
        code=bundle.layer_code(environment.architecture),
        compatible_runtimes=[Runtime.PYTHON_3_13],
    )


def build(app: App, specs: Sequence[FunctionSpec]) -> None:
    """Create all stacks of the selected environment, and check them with cdk-nag."""
    environment = Environment.of(app)
    prefix = naming.physical(environment.name)
    storage = StorageStack(app, f"{prefix}-storage", environment=environment).storage
    if specs:
        DashboardStack(app, f"{prefix}-dashboard", specs=specs, environment=environment, storage=storage)
    bus_policy = BusPolicyStack(app, f"{prefix}-bus-policy", environment=environment, storage=storage)
    JournalStack(app, f"{prefix}-journal", environment=environment, storage=storage)
    platform_alarms = PlatformAlarmsStack(app, f"{prefix}-alarms", environment=environment, storage=storage)
    alarm_names = [*platform_alarms.alarm_names]
    for owner in sorted({spec.owner for spec in specs}):
        owned = [spec for spec in specs if spec.owner == owner]
        stack = FunctionsStack(
            app, f"{prefix}-functions-{owner}", specs=owned, environment=environment, storage=storage
        )
        # The policy allows roles by their path. It is deployed after them, so that it never denies a function's role
        # that does not have the path yet.
        bus_policy.add_dependency(stack)
        for spec in owned:
            for fault in warnings.any_source(spec, specs):
                file = f"functions/{spec.name}/function.toml"
                Annotations.of(stack).add_warning_v2(f"herald:source:{spec.name}", f"{file}: {spec.name} {fault}")
        alarms = AlarmsStack(app, f"{prefix}-alarms-{owner}", specs=owned, environment=environment, storage=storage)
        alarms.add_dependency(platform_alarms)  # which has the alarm that suppresses notices
        alarm_names.extend(alarms.alarm_names)
    refuse_equal_names(alarm_names)
    nag.check(app)
