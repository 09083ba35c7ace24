"""The Lambda functions and their environment variables."""

import json
import re
from typing import Final

import pytest

from functions.runtime.core import variables
from infra.declarations import loader
from infra.declarations.resource_names import KINDS
from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import (
    SPECS,
    each_function,
    each_queued,
    on_lambda,
)

DELIVERY_VARIABLES: Final = {
    "MAX_ATTEMPTS": "max_attempts",
    "BASE_SECONDS": "backoff_base_seconds",
    "CAP_SECONDS": "backoff_cap_seconds",
    "MAX_AGE_SECONDS": "max_age_seconds",
    "FAIR": "fair",
    "MAX_CONCURRENCY": "max_concurrency",
    "ORDER": "order",
}


@each_function
def test_a_function_has_its_declared_settings(dev: Synthesized, spec: FunctionSpec) -> None:
    """Python 3.13 on arm64, tracing, and the timeout, memory and handler of the declaration."""
    described = on_lambda(dev, spec)
    assert described["Runtime"] == "python3.13"
    assert described["Architectures"] == ["arm64"]
    assert described["TracingConfig"] == {"Mode": "Active"}
    assert (described["Timeout"], described["MemorySize"]) == (spec.timeout_seconds, spec.memory_mb)
    assert described["Handler"] == f"functions.{spec.name}.handler.handle"


@each_queued
def test_delivery_settings_are_environment_variables(dev: Synthesized, spec: FunctionSpec) -> None:
    """The runtime receives the values of [delivery]."""
    described = on_lambda(dev, spec)
    found = {name: described["Environment"]["Variables"][f"HERALD_{name}"] for name in DELIVERY_VARIABLES}
    assert found == {name: str(getattr(spec.delivery, field)).lower() for name, field in DELIVERY_VARIABLES.items()}


@each_function
def test_a_row_outlives_what_can_bring_its_event_again(dev: Synthesized, spec: FunctionSpec) -> None:
    """The queue and the dead-letter queue keep a message 14 days each, the journal keeps it 14 more."""
    described = on_lambda(dev, spec)
    assert described["Environment"]["Variables"]["HERALD_KEEP_DAYS"] == "42"


def test_the_log_level_is_that_of_the_declaration_or_of_the_environment(example: Synthesized) -> None:
    """Without [logging], a function has the level of cdk.json and no sampling."""
    functions = [each["Properties"] for each in example.resources("AWS::Lambda::Function").values()]
    found = {each["FunctionName"].removeprefix("herald-dev-"): each["Environment"]["Variables"] for each in functions}
    names = ("HERALD_ENVIRONMENT", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_LOGGER_SAMPLE_RATE")
    logging = {function: tuple(each.get(name) for name in names) for function, each in found.items()}
    assert logging.pop("copy_object") == ("dev", "WARNING", "0.01")
    assert "journal" in logging
    assert set(logging.values()) == {("dev", "DEBUG", None)}


def test_a_renamed_function_keeps_its_first_name(example: Synthesized) -> None:
    """Its variables and its grant to emit contain the first name; a function without former names has no variable."""
    functions = [each["Properties"] for each in example.resources("AWS::Lambda::Function", "functions").values()]
    found = {each["FunctionName"]: each["Environment"]["Variables"] for each in functions}
    names = {name: (each["HERALD_FUNCTION"], each.get("HERALD_FIRST_NAME")) for name, each in found.items()}
    assert names.pop("herald-dev-copy_object") == ("copy_object", "double_object")
    assert {first for _, first in names.values()} == {None}
    policies = json.dumps(example.resources("AWS::IAM::Policy", "functions"))
    assert re.findall(r'"events:source": \["([^"]*)"', policies) == ["herald.double_object"]


@each_function
def test_emitted_types_are_an_environment_variable(dev: Synthesized, spec: FunctionSpec) -> None:
    """The variable lists the declared types; a function without types has no variable."""
    described = on_lambda(dev, spec)
    assert described["Environment"]["Variables"].get("HERALD_EMITS", "") == ",".join(spec.access.emit)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_contract_versions_are_an_environment_variable(dev: Synthesized, spec: FunctionSpec) -> None:
    """The variable lists the versions of the samples; without samples of CloudEvents there is no variable."""
    found = on_lambda(dev, spec)["Environment"]["Variables"].get("HERALD_READS", "")
    events = [loader.sample(name) for name in spec.trigger.samples]
    details = [each["detail"] for each in events if "specversion" in each.get("detail", {})]
    named = {each.get("dataschema", f"herald:{each['type']}/1").removeprefix("herald:") for each in details}
    assert set(filter(None, found.split(","))) == named


def test_the_table_of_variables_is_complete(dev: Synthesized, example: Synthesized) -> None:
    """Templates set each variable of functions/runtime/core/variables.py, and no others except addresses."""
    functions = [each for app in (dev, example) for each in app.resources("AWS::Lambda::Function").values()]
    found = {name for each in functions for name in each["Properties"]["Environment"]["Variables"]}
    table = {value for name, value in vars(variables).items() if name.isupper()}
    assert table <= found
    addresses = tuple(variables.resource(kind, "") for kind in KINDS)
    assert {name for name in found - table if not name.startswith(addresses)} == set()
