"""The saved queries, asserted on the templates because the local AWS has no Logs Insights."""

import json
from pathlib import Path
from typing import Any

from infra.constructs.environment import Environment
from infra.constructs.observability import saved_queries
from infra.constructs.observability.saved_queries import SavedQueries
from infra.declarations import loader
from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import SPECS

from aws_cdk import App, Stack  # isort: skip - after infra.constructs, which sets the path of Node.js


def definitions(app: Synthesized) -> list[dict[str, Any]]:
    """Return the properties of the saved queries."""
    return [each["Properties"] for each in app.resources("AWS::Logs::QueryDefinition").values()]


def test_every_file_is_a_saved_query(dev: Synthesized) -> None:
    """In the folder of the environment, within the limits of a query definition.

    Source: "AWS::Logs::QueryDefinition", AWS CloudFormation Template Reference.
    """
    found = {each["Name"]: each["QueryString"] for each in definitions(dev)}
    assert found == {f"herald-dev/{name}": text for name, text in saved_queries.load().items()}
    assert all(len(name) <= 255 and len(text) <= 10_000 for name, text in found.items())


def test_every_query_reads_the_log_groups_of_all_functions(dev: Synthesized) -> None:
    """Each of them exists."""
    existing = {each["Properties"]["LogGroupName"] for each in dev.resources("AWS::Logs::LogGroup").values()}
    expected = [f"/aws/lambda/herald-dev-{name}" for name in [*(spec.name for spec in SPECS), "journal"]]
    assert set(expected) <= existing
    assert all(each["LogGroupNames"] == expected for each in definitions(dev))


def test_parameters_have_their_descriptions(dev: Synthesized) -> None:
    """The console asks for them by name."""
    found = {each["Name"].rpartition("/")[2]: each.get("Parameters", []) for each in definitions(dev)}
    named = {name: [each["Name"] for each in parameters] for name, parameters in found.items() if parameters}
    assert named == {"one-run": ["event_id"], "one-subject": ["subject"], "one-correlation": ["correlation_id"]}
    assert all(each["Description"] for parameters in found.values() for each in parameters)


def test_more_than_50_log_groups_make_several_queries(tmp_path: Path) -> None:
    """CloudWatch Logs accepts no more in one query. Source: "StartQuery", Amazon CloudWatch Logs API Reference."""
    app = App(outdir=str(tmp_path), context=json.loads((loader.ROOT / "cdk.json").read_bytes())["context"])
    functions = [f"function_{number}" for number in range(61)]
    SavedQueries(Stack(app, "many"), "Queries", environment=Environment.of(app), functions=functions)
    app.synth()
    groups = {each["Name"]: each["LogGroupNames"] for each in definitions(Synthesized(tmp_path))}
    assert {name: len(each) for name, each in groups.items() if "one-run" in name} == {
        "herald-dev/one-run-1-of-2": 50,
        "herald-dev/one-run-2-of-2": 11,
    }
    assert {group for each in groups.values() for group in each} == {f"/aws/lambda/herald-dev-{f}" for f in functions}
