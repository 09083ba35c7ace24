"""The functions of this repository, and lookups in their synthesized templates."""

import json
from typing import Any, Final

import pytest

from infra.declarations import loader
from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized

SPECS: Final = loader.load()
QUEUED: Final = [spec for spec in SPECS if spec.queued]
KEPT: Final = "RetainExceptOnCreate"
each_function = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
each_queued = pytest.mark.parametrize("spec", QUEUED, ids=lambda spec: spec.name)
each_answering = pytest.mark.parametrize("spec", [s for s in SPECS if not s.queued], ids=lambda spec: spec.name)


def properties(app: Synthesized, kind: str, name: str, value: str) -> dict[str, Any]:
    """Return the properties of the only resource of a type with this value of a property."""
    (found,) = [each for each in app.resources(kind).values() if each["Properties"].get(name) == value]
    result: dict[str, Any] = found["Properties"]
    return result


def on_lambda(app: Synthesized, spec: FunctionSpec) -> dict[str, Any]:
    """Return the properties of a Lambda function."""
    return properties(app, "AWS::Lambda::Function", "FunctionName", f"herald-dev-{spec.name}")


def statements(app: Synthesized, spec: FunctionSpec) -> list[dict[str, Any]]:
    """Return the statements of the role of a function."""
    role, _ = on_lambda(app, spec)["Role"]["Fn::GetAtt"]
    policies = [each["Properties"] for each in app.resources("AWS::IAM::Policy").values()]
    (policy,) = [each for each in policies if {"Ref": role} in each["Roles"]]
    result: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return result


def actions(statement: dict[str, Any]) -> set[str]:
    """Return the actions of a statement; a single action is not a list in the template."""
    listed = statement["Action"]
    return {listed} if isinstance(listed, str) else set(listed)


def grants(app: Synthesized, spec: FunctionSpec) -> set[tuple[str, str]]:
    """Return each pair of an action and a resource that the role allows; the CDK merges statements."""
    return {
        (action, json.dumps(resource))
        for each in statements(app, spec)
        for action in actions(each)
        for resource in (each["Resource"] if isinstance(each["Resource"], list) else [each["Resource"]])
    }
