"""The asset of the widget and its layer, built as for a deployment."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from infra.constructs import bundle
from infra.constructs.widget import widget_bundle
from infra.declarations import loader
from tests.infrastructure.test_assets import ARCHITECTURE, PATHS

# The first call of the widget: without an AWS that answers, it must come as far as the call for the outputs.
PROGRAM: Final = f"""
{PATHS}
from herald.widget import handler
made = handler.deployment()
for service in ("cloudformation", "dynamodb", "lambda", "logs", "s3", "sqs"):
    made.client(service)
from herald.investigate import startup
startup._with_place(made, "notify", "[ERROR] x")
print(",".join(made.specs))
print([each for each in ("typer", "rich", "psutil", "aws_cdk", "jsonschema") if each in sys.modules])
print(handler.handle({{"describe": True}}, None))
"""


@pytest.fixture(scope="module")
def asset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the asset."""
    directory = tmp_path_factory.mktemp("widget")
    bundle.build_sources(directory, widget_bundle.sources())
    return directory


def test_the_widget_needs_only_its_asset_and_its_layer(asset: Path, tmp_path: Path) -> None:
    """It reads all declarations, and has the clients of all services that it calls."""
    bundle.build_layer(tmp_path, ARCHITECTURE, widget_bundle.SERVICES)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM],
        env={
            "ASSET": str(asset),
            "LAYER": str(tmp_path / "python"),
            "PATH": os.environ["PATH"],
            "AWS_DEFAULT_REGION": "eu-west-1",
            "HERALD_ENVIRONMENT": "dev",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names, tools, *description = done.stdout.splitlines()
    assert names.split(",") == [spec.name for spec in loader.load()]
    assert tools == "[]"
    assert description[0].startswith("## Herald")


def test_the_asset_has_no_handler_and_no_construct(asset: Path) -> None:
    """A change of a handler does not deploy the widget again."""
    folders = {path.name for path in (asset / "functions").iterdir() if path.is_dir()} - {"runtime", "__pycache__"}
    assert folders == {spec.name for spec in loader.load()}
    for name in folders:
        assert [path.name for path in (asset / "functions" / name).iterdir()] == ["function.toml"]
    assert not (asset / "infra" / "constructs").exists()
    assert not (asset / "herald" / "commands").exists()
    assert (asset / "herald" / "page" / "style.css").is_file()
