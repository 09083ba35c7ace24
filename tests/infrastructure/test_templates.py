"""Properties of all templates: the snapshot, cdk-nag's findings, custom resources, environments, dependencies."""

import json
import re

from syrupy.assertion import SnapshotAssertion

from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import (
    SPECS,
)


def test_templates_match_the_snapshot(example: Synthesized, snapshot: SnapshotAssertion) -> None:
    """A review shows every change of infrastructure.

    The templates are those of tests/infrastructure/example, so that a new function does not change the snapshot. It
    omits the hashes of assets, which change with the code.
    """
    text = re.sub(r"[0-9a-f]{64}", "<asset>", json.dumps(example.templates, indent=1, sort_keys=True))
    assert json.loads(text) == snapshot


def test_cdk_nag_finds_nothing(dev: Synthesized, prod: Synthesized) -> None:
    """Both packs check both environments, and every acknowledged finding has a reason."""
    for report in [*dev.report, *prod.report]:
        assert report["violations"] == []
        assert all(len(each["reason"]) > 20 for each in report["suppressedViolations"])
    assert {report["pluginName"] for report in dev.report} >= {"AwsSolutions", "Serverless"}


def test_there_is_no_custom_resource(dev: Synthesized) -> None:
    """The only Lambda functions are the declared functions, the journal and the widget of the dashboard."""
    assert len(dev.resources("AWS::Lambda::Function")) == len(SPECS) + 2
    kinds = {each["Type"] for template in dev.templates.values() for each in template["Resources"].values()}
    assert not [kind for kind in kinds if kind.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))]


def test_environments_have_the_log_settings_of_cdk_json(dev: Synthesized, prod: Synthesized) -> None:
    """Retention and level of logs."""
    assert {each["Properties"]["RetentionInDays"] for each in dev.resources("AWS::Logs::LogGroup").values()} == {14}
    assert {each["Properties"]["RetentionInDays"] for each in prod.resources("AWS::Logs::LogGroup").values()} == {365}
    levels = [
        {each["Properties"]["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] for each in functions.values()}
        for functions in (dev.resources("AWS::Lambda::Function"), prod.resources("AWS::Lambda::Function"))
    ]
    assert levels == [{"DEBUG"}, {"INFO"}]


def test_functions_depend_on_storage_and_storage_on_no_stack(dev: Synthesized) -> None:
    """The storage stack imports nothing, so it can be deployed first and alone."""
    assert "Fn::ImportValue" not in json.dumps(dev.templates["herald-dev-storage"])
    for spec in SPECS:
        assert "herald-dev-storage:" in json.dumps(dev.templates[f"herald-dev-functions-{spec.owner}"])
