"""The app, synthesized once per environment without building assets."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from infra import stacks  # before aws_cdk: infra.constructs sets the path of Node.js
from infra.declarations import loader

from aws_cdk import App  # isort: skip

from infra.declarations.spec import FunctionSpec


@dataclass(frozen=True)
class Synthesized:
    """The output of `cdk synth`."""

    directory: Path

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """All templates by the names of their stacks."""
        paths = sorted(self.directory.glob("*.template.json"))
        return {
            path.name.removesuffix(".template.json"): json.loads(path.read_text(encoding="utf-8")) for path in paths
        }

    @cached_property
    def report(self) -> list[dict[str, Any]]:
        """The findings of each pack of cdk-nag."""
        reports: list[dict[str, Any]] = json.loads((self.directory / "validation-report.json").read_bytes())[
            "pluginReports"
        ]
        return reports

    def resources(self, kind: str, stack: str = "") -> dict[str, dict[str, Any]]:
        """Return all resources of a CloudFormation type in stacks with `stack` in their names."""
        return {
            logical_id: resource
            for name, template in self.templates.items()
            for logical_id, resource in template["Resources"].items()
            if resource["Type"] == kind and stack in name
        }


def synthesize(
    directory: Path,
    environment: str,
    specs: Sequence[FunctionSpec],
    **changed: Any,  # noqa: ANN401 - keys of cdk.json
) -> Synthesized:
    """Synthesize one environment with these functions and with some keys of cdk.json changed."""
    context = json.loads((loader.ROOT / "cdk.json").read_bytes())["context"]
    context["environments"][environment] |= changed
    app = App(outdir=str(directory), context=context | {"env": environment, "aws:cdk:bundling-stacks": []})
    stacks.build(app, specs)
    app.synth()
    return Synthesized(directory)


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """Synthesize dev."""
    return synthesize(tmp_path_factory.mktemp("dev"), "dev", loader.load())


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """Synthesize prod."""
    return synthesize(tmp_path_factory.mktemp("prod"), "prod", loader.load())


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """Synthesize dev with the example functions, which exist only for tests."""
    specs = loader.load(Path(__file__).parent / "example")
    return synthesize(tmp_path_factory.mktemp("example"), "dev", specs)
