"""What differs between environments, read from the context in cdk.json."""

from dataclasses import dataclass
from typing import Any, Literal, Self

from aws_cdk import App, RemovalPolicy

from infra import producers
from infra.producers import Producer
from infra.spec import SpecError


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
        """What becomes of data when its stack goes."""
        return RemovalPolicy.RETAIN if self.removal_policy == "retain" else RemovalPolicy.DESTROY
