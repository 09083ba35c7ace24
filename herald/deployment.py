"""One deployed Herald, local or on AWS, with the names of everything in it."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from herald import emulator
from herald.errors import CommandError
from infra import catalog
from infra.spec import FunctionSpec

CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 3})


@dataclass(frozen=True)
class Deployment:
    """Where the commands act: a session and, for the local AWS, its endpoint."""

    session: boto3.Session
    environment: str
    endpoint: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def choose(cls, *, environment: str, profile: str | None, region: str | None) -> Self:
        """Take AWS where a profile or a region is given, else the local AWS when it is up, else AWS.

        CommandError when the profile cannot be found, or nothing says which region.
        """
        running = None if profile or region else emulator.running()
        if running:
            return cls(emulator.session(), environment, running.endpoint)
        try:
            session = boto3.Session(profile_name=profile, region_name=region)
        except BotoCoreError as error:
            raise CommandError(str(error)) from error
        if not session.region_name:
            message = "the local AWS is not running, and no region is set: `herald local up`, or --region for AWS"
            raise CommandError(message)
        return cls(session, environment)

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
        name = f"herald-{self.environment}-storage"
        where = self.endpoint or self.session.region_name or "no region"
        try:
            stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        except (ClientError, BotoCoreError) as error:
            hint = "Deploy with `herald local up`, or on AWS with `cdk deploy --all`."
            message = f"no stack {name} at {where}: {error}\n{hint}"
            raise CommandError(message) from error
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    @cached_property
    def specs(self) -> dict[str, FunctionSpec]:
        """The functions this checkout declares, by name."""
        return {spec.name: spec for spec in catalog.load()}

    @property
    def names(self) -> dict[str, str]:
        """The physical names behind the `${bucket.name}` and `${topic.name}` of patterns and samples."""
        buckets = {f"bucket.{name}": bucket for name, bucket in self._outputs("Bucket").items()}
        return buckets | {f"topic.{name}": arn for name, arn in self._outputs("Topic").items()}

    def bucket(self, name: str) -> str:
        """Return the physical name of a bucket."""
        return self.outputs[f"Bucket{name.capitalize()}"]

    @cached_property
    def queues(self) -> dict[str, dict[str, str]]:
        """The URLs of the queue and the dead-letter queue of each function that is deployed."""
        prefix = f"herald-{self.environment}-"
        pages = self.client("sqs").get_paginator("list_queues").paginate(QueueNamePrefix=prefix)
        urls = {url.rpartition("/")[2]: url for page in pages for url in page.get("QueueUrls", [])}
        pairs = ((name.removesuffix("-dead"), url) for name, url in sorted(urls.items()) if name.endswith("-dead"))
        return {
            function: {"queue": urls[name], "dead_letters": url}
            for name, url in pairs
            for function in [name.removeprefix(prefix)]
            if name in urls and function not in catalog.RESERVED
        }

    def describe(self) -> dict[str, Any]:
        """Return every name an operator needs, as `herald local status --json` prints it."""
        return {
            "endpoint": self.endpoint,
            "region": self.session.region_name,
            "environment": self.environment,
            "buckets": self._outputs("Bucket"),
            "bus": self.outputs["Bus"],
            "ledger": self.outputs["Ledger"],
            "queues": self.queues,
            "undelivered": self.outputs["Undelivered"],
            "topics": self._outputs("Topic"),
        }

    def _outputs(self, kind: str) -> dict[str, str]:
        return {key.removeprefix(kind).lower(): value for key, value in self.outputs.items() if key.startswith(kind)}
