"""Secrets, and who can read them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.declarations import loader
from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized, synthesize
from tests.infrastructure.lookups import (
    KEPT,
    actions,
    each_function,
    on_lambda,
    properties,
    statements,
)


@each_function
def test_only_declared_secrets_can_be_read(dev: Synthesized, spec: FunctionSpec) -> None:
    """GetSecretValue is allowed on the declared secrets, and variables with the declared names have their ARNs."""
    reads = [each for each in statements(dev, spec) if "secretsmanager:GetSecretValue" in actions(each)]
    assert len(reads) == bool(spec.secrets)
    described = on_lambda(dev, spec)
    variables = described["Environment"]["Variables"]
    arns = [variables[f"HERALD_SECRET_{name.upper()}"] for name in spec.secrets]
    for statement in reads:
        listed = statement["Resource"]
        assert (listed if isinstance(listed, list) else [listed]) == arns


def own_secret(app: Synthesized) -> tuple[str, dict[str, Any]]:
    """Return the logical id and the properties of the only secret of the example functions."""
    ((name, secret),) = app.resources("AWS::SecretsManager::Secret", "functions-example").items()
    return name, secret


def test_only_its_function_can_read_an_own_secret(example: Synthesized) -> None:
    """The stack creates it with an output, and only the role of its function allows reading it."""
    name, _ = own_secret(example)
    policies = example.resources("AWS::IAM::Policy", "functions-example").values()
    reads = [each for each in policies if "secretsmanager:" in json.dumps(each)]
    (policy,) = [each["Properties"]["PolicyDocument"]["Statement"] for each in reads]
    (read,) = [each for each in policy if "secretsmanager:" in json.dumps(each)]
    assert (read["Action"], read["Resource"]) == ("secretsmanager:GetSecretValue", {"Ref": name})
    described = properties(example, "AWS::Lambda::Function", "FunctionName", "herald-dev-answer_requests")
    assert described["Environment"]["Variables"]["HERALD_SECRET_KEYS"] == {"Ref": name}
    outputs = example.templates["herald-dev-functions-example"]["Outputs"]
    assert outputs["SecretAnswerRequests"]["Value"] == {"Ref": name}


def test_an_own_secret_outlives_a_rename(example: Synthesized, tmp_path: Path) -> None:
    """Its logical id stays, so CloudFormation keeps its value; the output has the current name."""
    (spec,) = [each for each in loader.load(Path(__file__).parents[1] / "example") if each.has_own_secret]
    renamed = replace(spec, name="answer_all", formerly=(spec.name,))
    app = synthesize(tmp_path / "out", "dev", [renamed])
    assert own_secret(app) == own_secret(example)
    assert app.templates["herald-dev-functions-example"]["Outputs"]["SecretAnswerAll"]


def test_secrets_have_no_value_in_the_template_and_are_retained(
    prod: Synthesized, example: Synthesized, tmp_path: Path
) -> None:
    """People set the value after the deployment. In prod, a secret outlives its stack."""
    kept = synthesize(tmp_path / "out", "prod", loader.load(Path(__file__).parents[1] / "example"))
    for app, policy in ((example, "Delete"), (prod, KEPT), (kept, KEPT)):
        for secret in app.resources("AWS::SecretsManager::Secret").values():
            assert "SecretString" not in secret["Properties"]
            assert secret["Properties"]["GenerateSecretString"]["SecretStringTemplate"] == "{}"
            assert secret["DeletionPolicy"] == policy
