"""One deployed Herald, local or on AWS, with the names of everything in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.runtime.core.suggestions import did_you_mean
from herald.errors import CommandError
from herald.local import emulator
from infra.declarations import loader, naming, resources
from infra.declarations.spec import FunctionSpec
from infra.flow.routing import is_journalled

CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 3})

DEFAULT_ENVIRONMENT = "dev"


@dataclass(frozen=True)
class Deployment:
    """Where the commands act: a session and, for the local AWS, its endpoint."""

    session: boto3.Session
    environment: str
    endpoint: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def local(cls, environment: str) -> Self:
        """Take the local AWS; CommandError when it is not running."""
        running = emulator.running()
        if not running:
            raise CommandError("the local AWS is not running: start it with `herald local up`")
        return cls(emulator.session(), environment, running.endpoint)

    @classmethod
    def choose(cls, *, environment: str, profile: str | None, region: str | None, local: bool = False) -> Self:
        """Take the local AWS with `local`, and for dev while it runs and no profile or region is given; else AWS.

        CommandError when the local AWS is not running, or the profile, the region or credentials are missing.
        """
        if local and (profile or region):
            raise CommandError("--local is the local AWS: it takes no --profile and no --region")
        if local or (environment == DEFAULT_ENVIRONMENT and not (profile or region) and emulator.running()):
            return cls.local(environment)
        try:
            session = boto3.Session(profile_name=profile, region_name=region)
            credentials = session.get_credentials()
        except BotoCoreError as error:
            raise CommandError(str(error)) from error
        if credentials is None:
            raise CommandError(f"no AWS credentials were found: set AWS_PROFILE or say --profile{_or_local()}")
        if not session.region_name:
            raise CommandError(f"no AWS region is set: set AWS_REGION or say --region{_or_local()}")
        return cls(session, environment)

    def where(self) -> str:
        """Say which AWS this is; CommandError when AWS does not accept the credentials."""
        if self.endpoint:
            return f"local AWS, environment {self.environment}"
        try:
            account = self.client("sts").get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"AWS in {self.session.region_name} does not accept the credentials: {error}") from error
        return f"AWS account {account} in {self.session.region_name}, environment {self.environment}"

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes clients dynamically
        """Return the client of one service."""
        if service not in self._clients:
            self._clients[service] = self._make_client(service)
        return self._clients[service]

    def _make_client(self, service: str) -> Any:  # noqa: ANN401 - as above
        return self.session.client(service, endpoint_url=self.endpoint, config=CONFIG)  # type: ignore[call-overload] # the name is not a literal here

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The outputs of the storage stack; CommandError when it is not there."""
        return self._outputs("storage")

    def _outputs(self, part: str) -> dict[str, str]:
        name = naming.physical(self.environment, part)
        where = self.endpoint or self.session.region_name or "no region"
        try:
            stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        except (ClientError, BotoCoreError) as error:
            hint = "Deploy with `herald local up`, or on AWS with `cdk deploy --all`."
            raise CommandError(f"no stack {name} at {where}: {error}\n{hint}") from error
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    @cached_property
    def specs(self) -> dict[str, FunctionSpec]:
        """The functions this checkout declares, by name."""
        return {spec.name: spec for spec in loader.load()}

    @cached_property
    def _renamed(self) -> dict[str, str]:
        return {former: spec.name for spec in self.specs.values() for former in spec.formerly}

    def present(self, function: str) -> str:
        """Return what a function is called now, by a name that it has or had: rows, causes and old queues keep that."""
        return self._renamed.get(function, function)

    @property
    def names(self) -> dict[str, str]:
        """What the platform's resources are called on AWS: the `${bucket.name}` and `${topic.name}` of patterns."""
        outputs = {name: each.output for name, each in resources.load().items()}
        return {name: self.outputs[output] for name, output in outputs.items() if output in self.outputs}

    def own_secret(self, spec: FunctionSpec) -> str:
        """Return the ARN of a function's own secret; CommandError where what is deployed has none."""
        outputs, output = self._outputs(f"functions-{spec.owner}"), naming.secret_output(spec.name)
        if output not in outputs:
            raise CommandError(f"{spec.name} is deployed without a secret of its own: deploy it as it is declared")
        return outputs[output]

    def bucket(self, name: str) -> str:
        """Return what a bucket is called on AWS."""
        return self.names[f"bucket.{name}"]

    @property
    def queues(self) -> dict[str, dict[str, str]]:
        """The URLs of the queue and the dead-letter queue of each function that is deployed."""
        return {name: urls for name, urls in self.all_queues.items() if name not in naming.RESERVED}

    @cached_property
    def all_queues(self) -> dict[str, dict[str, str]]:
        """Those of the platform's own functions too."""
        prefix = naming.physical(self.environment, "")
        pages = self.client("sqs").get_paginator("list_queues").paginate(QueueNamePrefix=prefix)
        urls = {url.rpartition("/")[2]: url for page in pages for url in page.get("QueueUrls", [])}
        pairs = ((name.removesuffix("-dead"), url) for name, url in sorted(urls.items()) if name.endswith("-dead"))
        return {
            function: {"queue": urls[name], "dead_letters": url}
            for name, url in pairs
            for function in [name.removeprefix(prefix)]
            if name in urls
        }

    def spec(self, function: str) -> FunctionSpec:
        """Return a declared function that is deployed; CommandError names those there are."""
        if function in self.specs and not self.specs[function].queued:
            raise CommandError(f"{function} answers requests and has no queue: this is for functions that events run")
        if function not in self.specs or function not in self.queues:
            now = self.present(function)
            renamed = f": it is called {now} now" if now != function else ""
            near = renamed or did_you_mean(function, self.specs.keys() & self.queues)
            raise CommandError(f"there is no function {function!r} here{near}")
        return self.specs[function]

    def pattern(self, function: str) -> dict[str, Any]:
        """Return what a function's rules match; CommandError for one whose events the journal never sees."""
        spec = self.spec(function)
        if not spec.trigger.pattern:
            raise CommandError(
                f"{function} is not run by events of a bus: what runs it comes to its queue past the journal"
            )
        if not is_journalled(spec):
            raise CommandError(
                f"the journal has nothing that runs {function}: of AWS's events it keeps those of S3's objects alone"
            )
        return self.resolved(spec)

    def resolved(self, spec: FunctionSpec) -> dict[str, Any]:
        """Return a pattern with what its resources are called on AWS; CommandError when one is not deployed."""
        try:
            found: dict[str, Any] = loader.resolve(dict(spec.trigger.pattern), self.names)
        except KeyError as error:
            raise CommandError(f"the pattern of {spec.name} names {error.args[0]}, which is not deployed") from error
        return found

    def lambda_name(self, function: str) -> str:
        """Return the name of a function on Lambda."""
        return naming.physical(self.environment, function)

    def kept(self, function: str) -> timedelta:
        """Return how long the ledger keeps a row of a function: of what is older it may know nothing."""
        deployed = self.client("lambda").get_function_configuration(FunctionName=self.lambda_name(function))
        return timedelta(days=int(deployed["Environment"]["Variables"]["HERALD_KEEP_DAYS"]))

    def log_of(self, function: str) -> str:
        """Say where stands what a function does before it has a run: the local AWS keeps that in a log of its own."""
        return str(emulator.STATE / "emulator.log") if self.endpoint else f"/aws/lambda/{self.lambda_name(function)}"

    def endpoint_of(self, spec: FunctionSpec) -> str:
        """Return the URL of a function that answers requests, without a `/` at its end; CommandError when it has none.

        On the local AWS, whose host names nobody resolves, it is the function's path there.
        """
        client, name = self.client("lambda"), self.lambda_name(spec.name)
        try:
            url: str = client.get_function_url_config(FunctionName=name)["FunctionUrl"].rstrip("/")
        except client.exceptions.ResourceNotFoundException as error:
            raise CommandError(
                f"{spec.name} is declared, and not deployed: nothing answers its requests yet"
            ) from error
        host = url.removeprefix("https://").partition(".")[0]
        return f"{self.endpoint}/_aws/lambda-url/{host}" if self.endpoint else url

    @property
    def paused(self) -> list[str]:
        """The functions whose events wait in their queues."""
        return sorted(name for name, runs in self._listening().items() if not runs)

    @property
    def running(self) -> list[str]:
        """The functions that take their events; a queue that a deployment left behind has nobody who does."""
        return sorted(name for name, runs in self._listening().items() if runs)

    def _listening(self) -> dict[str, bool]:
        """Return for each queue that belongs to a function whether its events run it."""
        pages = self.client("lambda").get_paginator("list_event_source_mappings").paginate()
        mappings = [mapping for page in pages for mapping in page["EventSourceMappings"]]
        states = {_lambda_of(mapping): mapping["State"] for mapping in mappings}
        names = {function: self.lambda_name(function) for function in self.queues}
        return {each: states[name] not in {"Disabled", "Disabling"} for each, name in names.items() if name in states}

    def switch(self, function: str, *, on: bool) -> None:
        """Let a function's events run it, or wait in its queue; what it has begun it ends."""
        client, name = self.client("lambda"), self.lambda_name(self.spec(function).name)
        mappings = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        if not mappings:
            raise CommandError(f"{name} has no event source mapping")
        for mapping in mappings:
            client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)


def _or_local() -> str:
    return (
        ", or --local for the local AWS" if emulator.running() else "; the local AWS is not running: `herald local up`"
    )


def _lambda_of(mapping: Mapping[str, Any]) -> str:
    """Return the name of the function behind an event source mapping, whose ARN may end in a version."""
    name: str = mapping["FunctionArn"].split(":")[6]
    return name
