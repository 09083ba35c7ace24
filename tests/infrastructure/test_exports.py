"""A function can be removed, because exports do not depend on the functions that import them."""

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
    """Return the names of the exports of a template."""
    return {json.dumps(each["Export"]["Name"]) for each in template["Outputs"].values() if "Export" in each}


def imports(app: Synthesized) -> set[str]:
    """Return the names of the imports of all stacks."""
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
def test_removing_a_function_keeps_all_exports(dev: Synthesized, tmp_path: Path, removed: FunctionSpec) -> None:
    """The storage stack is deployed first, while the deployed stacks of functions still import its exports.

    The first function that uses a resource also finds its export.
    """
    after = synthesize(tmp_path, "dev", [spec for spec in SPECS if spec.name != removed.name])
    assert exports(after.templates[STORAGE]) == exports(dev.templates[STORAGE])
    assert imports(dev) <= exports(after.templates[STORAGE])


def test_only_storage_exports(dev: Synthesized) -> None:
    """The other test therefore covers all imports."""
    exporting = [name for name, template in dev.templates.items() if exports({"Outputs": {}} | template)]
    assert exporting == [STORAGE]
