"""The stacks: one for what keeps data, and one for the functions of each owner, which depends on it."""

from collections.abc import Sequence

from aws_cdk import App, Stack
from aws_cdk.aws_lambda import LayerVersion, Runtime
from constructs import Construct

from infra import bundle, guards, naming
from infra.delivery import Delivery
from infra.endpoint import Endpoint
from infra.environment import Environment
from infra.function import EventFunction
from infra.journal import Journal
from infra.spec import FunctionSpec
from infra.storage import Storage


class StorageStack(Stack):
    """Buckets, bus, ledger, the queue of the undelivered, the topic: what outlives the functions."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        """Create it for one environment."""
        super().__init__(
            scope,
            construct_id,
            description="Herald: buckets, bus and ledger",
            termination_protection=environment.removal_policy == "retain",
        )
        self.storage = Storage(self, "Storage", environment=environment)


class JournalStack(Stack):
    """What keeps every event."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: Storage) -> None:
        """Create it for one environment."""
        super().__init__(scope, construct_id, description="Herald: the journal of all events")
        Journal(self, "Journal", environment=environment, storage=storage, layer=_layer(self, environment))


class FunctionsStack(Stack):
    """The functions of one owner, and the layer they run on."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        specs: Sequence[FunctionSpec],
        environment: Environment,
        storage: Storage,
    ) -> None:
        """Create one function for each spec, and what hands it its events or its requests."""
        super().__init__(scope, construct_id, description=f"Herald: the functions of {specs[0].owner}")
        layer = _layer(self, environment)
        for spec in specs:
            scope = Construct(self, naming.pascal(spec.name))
            function = EventFunction(
                scope, "Function", spec=spec, environment=environment, storage=storage, layer=layer
            )
            if spec.queued:
                Delivery(scope, "Delivery", spec=spec, environment=environment, storage=storage, target=function)
            else:
                Endpoint(scope, "Endpoint", spec=spec, target=function)
        guards.limit_resources(self)


def _layer(stack: Stack, environment: Environment) -> LayerVersion:
    return LayerVersion(
        stack,
        "Layer",
        description="What every function runs on: requirements/lambda.txt",
        code=bundle.layer_code(environment.architecture),
        compatible_runtimes=[Runtime.PYTHON_3_13],
    )


def build(app: App, specs: Sequence[FunctionSpec]) -> None:
    """Put all stacks of the chosen environment into the app, and its guards on them."""
    environment = Environment.of(app)
    storage = StorageStack(app, f"herald-{environment.name}-storage", environment=environment)
    JournalStack(app, f"herald-{environment.name}-journal", environment=environment, storage=storage.storage)
    for owner in sorted({spec.owner for spec in specs}):
        FunctionsStack(
            app,
            f"herald-{environment.name}-functions-{owner}",
            specs=[spec for spec in specs if spec.owner == owner],
            environment=environment,
            storage=storage.storage,
        )
    guards.check(app)
