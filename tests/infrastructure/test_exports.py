"""That a function can be removed: what the other stacks export does not depend on who imports it."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from infra.declarations import loader
from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized, synthesize

SPECS: Final = loader.load()
STORAGE: Final = "herald-dev-storage"


def exports(template: dict[str, Any]) -> set[str]:
    """Return the names of what a template exports."""
    return {json.dumps(each["Export"]["Name"]) for each in template["Outputs"].values() if "Export" in each}


def imports(app: Synthesized) -> set[str]:
    """Return the names of what the stacks of functions, of the journal and of alarms import."""
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if "Fn::ImportValue" in value:
                found.add(json.dumps(value["Fn::ImportValue"]))
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(app.templates)
    return found


@pytest.mark.parametrize("removed", SPECS, ids=lambda spec: spec.name)
def test_a_function_is_removed_without_an_export(dev: Synthesized, tmp_path: Path, removed: FunctionSpec) -> None:
    """Storage is deployed first, while the old functions' stacks still import: what they import must stay.

    The other way round, the first function that needs a resource finds its export there.
    """
    after = synthesize(tmp_path, "dev", [spec for spec in SPECS if spec.name != removed.name])
    assert exports(after.templates[STORAGE]) == exports(dev.templates[STORAGE])
    assert imports(dev) <= exports(after.templates[STORAGE])


def test_nothing_but_storage_exports(dev: Synthesized) -> None:
    """So that the test above covers every import."""
    exporting = [name for name, template in dev.templates.items() if exports({"Outputs": {}} | template)]
    assert exporting == [STORAGE]
