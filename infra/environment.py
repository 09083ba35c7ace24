"""What differs between environments, read from the context in cdk.json."""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from aws_cdk import App, RemovalPolicy

from infra import producers
from infra.producers import Producer
from infra.spec import SpecError

# Queues, rules and buckets begin with herald-<environment>-, and policies match them by that beginning: with a hyphen
# one environment's name could begin another's. Lambda allows names of 64 characters, of which a function has 40.
NAME: Final = re.compile(r"[a-z][a-z0-9]{0,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One environment (`-c env=prod`); `architecture` is arm64 unless `-c architecture=x86_64` says otherwise."""

    name: str
    removal_policy: Literal["destroy", "retain"]
    log_level: str
    log_retention: str
    old_version_days: int
    journal_days: int
    architecture: Literal["arm64", "x86_64"]
    producers: tuple[Producer, ...] = ()

    @classmethod
    def of(cls, app: App) -> Self:
        """Read the chosen environment; SpecError names what cdk.json lacks."""
        chosen = app.node.try_get_context("env")
        name = "dev" if chosen is None else chosen
        environments = app.node.try_get_context("environments") or {}
        if name not in environments:
            message = f"cdk.json: there is no environment '{name}'; there are {', '.join(sorted(environments))}"
            raise SpecError(message)
        if not NAME.fullmatch(name):
            message = f"cdk.json: environments.{name}: a name is 1 to 16 lower-case letters and digits, a letter first"
            raise SpecError(message)
        architecture: Any = app.node.try_get_context("architecture") or "arm64"
        said = environments[name]
        try:
            others = producers.read(said.get("producers", []), f"environments.{name}.producers")
            return cls(name=name, architecture=architecture, **said | {"producers": others})
        except TypeError as error:
            message = f"cdk.json: environments.{name}: {error}"
            raise SpecError(message) from error
        except SpecError as error:
            message = f"cdk.json: {error}"
            raise SpecError(message) from error

    @property
    def removal(self) -> RemovalPolicy:
        """What becomes of data when its stack goes.

        RETAIN_ON_UPDATE_OR_DELETE deletes what a failed first deployment has created, so that it can be repeated:
        with RETAIN its queues and log groups would keep their fixed names. Source: "DeletionPolicy attribute",
        AWS CloudFormation Template Reference (`RetainExceptOnCreate`).
        """
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.removal_policy == "retain" else RemovalPolicy.DESTROY
