"""One deployed Herald, on AWS or on the local AWS: its session, stack outputs, resource names and queues."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from herald.deployment import sessions
from herald.deployment.queues import find_queues
from herald.errors import CommandError
from herald.local import emulator
from infra.declarations import loader, naming, resources
from infra.declarations.spec import FunctionSpec

CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 3})

DEFAULT_ENVIRONMENT = "dev"


@dataclass(frozen=True)
class Deployment:
    """The environment a command acts on: a boto3 session and, for the local AWS, its endpoint."""

    session: boto3.Session
    environment: str
    endpoint: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def local(cls, environment: str) -> Self:
        """Return the deployment on the local AWS. CommandError: the local AWS is not running."""
        running = emulator.running()
        if not running:
            raise CommandError("the local AWS is not running: start it with `herald local up`")
        return cls(emulator.session(), environment, running.endpoint)

    @classmethod
    def choose(cls, *, environment: str, profile: str | None, region: str | None, local: bool = False) -> Self:
        """Return the deployment that the options of a command select.

        `local` selects the local AWS. So does the environment dev while the local AWS is running, unless a profile or
        a region is given. Everything else selects AWS.

        CommandError: the local AWS is not running, or the profile, the region or credentials are missing.
        """
        if local and (profile or region):
            raise CommandError("--local cannot be combined with --profile or --region")
        if local or (environment == DEFAULT_ENVIRONMENT and not (profile or region) and emulator.running()):
            return cls.local(environment)
        try:
            session = sessions.session(profile_name=profile, region_name=region)
            credentials = session.get_credentials()
        except BotoCoreError as error:
            raise CommandError(str(error)) from error
        if credentials is None:
            raise CommandError(f"no AWS credentials found: set AWS_PROFILE or use --profile{_or_local()}")
        if not session.region_name:
            raise CommandError(f"no AWS region is set: set AWS_REGION or use --region{_or_local()}")
        return cls(session, environment)

    def where(self) -> str:
        """Return the account, region and environment as text. CommandError: AWS rejects the credentials."""
        if self.endpoint:
            return f"local AWS, environment {self.environment}"
        try:
            account = self.client("sts").get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"AWS in {self.session.region_name} rejects the credentials: {error}") from error
        return f"AWS account {account} in {self.session.region_name}, environment {self.environment}"

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 creates client classes at run time
        """Return the boto3 client of a service."""
        if service not in self._clients:
            self._clients[service] = self._make_client(service)
        return self._clients[service]

    def _make_client(self, service: str) -> Any:  # noqa: ANN401 - boto3 creates client classes at run time
        return self.session.client(service, endpoint_url=self.endpoint, config=CONFIG)  # type: ignore[call-overload] # the name is not a literal here

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The outputs of the storage stack. CommandError: the stack does not exist."""
        return self.stack_outputs("storage")

    def stack_outputs(self, part: str) -> dict[str, str]:
        """Return the outputs of the stack `herald-<environment>-<part>`. CommandError: it does not exist."""
        name = naming.physical(self.environment, part)
        where = self.endpoint or self.session.region_name or "no region"
        try:
            stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        except (ClientError, BotoCoreError) as error:
            hint = "Deploy with `herald local up`, or on AWS with `cdk deploy --all`."
            raise CommandError(f"no stack {name} at {where}: {error}\n{hint}") from error
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    @property
    def names(self) -> dict[str, str]:
        """The physical names of deployed resources by the placeholders of patterns, such as `bucket.<name>`."""
        outputs = {name: each.output for name, each in resources.load().items()}
        return {name: self.outputs[output] for name, output in outputs.items() if output in self.outputs}

    def bucket(self, name: str) -> str:
        """Return the physical name of a bucket."""
        return self.names[f"bucket.{name}"]

    @cached_property
    def specs(self) -> dict[str, FunctionSpec]:
        """The functions that this checkout declares, by name."""
        return {spec.name: spec for spec in loader.load()}

    @cached_property
    def former_names(self) -> dict[str, str]:
        """The current name of each renamed function, by its former names."""
        return {former: spec.name for spec in self.specs.values() for former in spec.formerly}

    @property
    def queues(self) -> dict[str, dict[str, str]]:
        """The URLs of the queue and the dead-letter queue of each deployed function that a team declares."""
        return {name: urls for name, urls in self.all_queues.items() if name not in naming.RESERVED}

    @cached_property
    def all_queues(self) -> dict[str, dict[str, str]]:
        """The URLs of `queues`, and those of the platform's own functions."""
        return find_queues(self.client("sqs"), naming.physical(self.environment, ""))


def _or_local() -> str:
    if emulator.running():
        return ", or use --local for the local AWS"
    return "; the local AWS is not running: start it with `herald local up`"
