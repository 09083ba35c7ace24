"""The asset of each function and the layer, built as for a deployment."""

import os
import platform
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from infra.constructs import bundle
from infra.contracts import contracts
from infra.declarations import loader, packages
from infra.declarations.spec import FunctionSpec, Trigger

SPECS: Final = loader.load()
CONTRACTS: Final = contracts.load(loader.ROOT)
ARCHITECTURE: Final[bundle.Architecture] = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


@pytest.fixture(scope="session")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the layer for this machine."""
    directory = tmp_path_factory.mktemp("layer")
    bundle.build_layer(directory, ARCHITECTURE)
    return directory / "python"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_handler_needs_only_its_asset_and_the_layer(spec: FunctionSpec, layer: Path, tmp_path: Path) -> None:
    """Python imports the handler with only the asset and the layer on its path; a missing module would fail on Lambda.

    The local AWS cannot show this, because its functions can import the emulator's packages.
    """
    bundle.build_function(tmp_path, ARCHITECTURE, spec)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{PATHS}; from functions.{spec.name}.handler import handle; {CLIENTS}"],
        env={
            "LAMBDA_TASK_ROOT": "/var/task",  # the X-Ray SDK detects Lambda by this variable
            "ASSET": str(tmp_path),
            "LAYER": str(layer),
            "PATH": os.environ["PATH"],
            "AWS_DEFAULT_REGION": "eu-west-1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


PATHS: Final = "import os, sys; sys.path[:0] = [os.environ['ASSET'], os.environ['LAYER']]"
# Clients, the tracer and the validator are imported on first use, so importing the handler does not import them.
CLIENTS: Final = (
    "import aws_xray_sdk.core, fastjsonschema; "
    "from functions.runtime.core import aws; [getattr(aws, n)() for n in ('dynamodb', 'events', 's3', 'sns', 'sqs')]; "
    "import boto3; boto3.client('secretsmanager')"
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_an_asset_holds_one_function_the_runtime_and_its_contracts(spec: FunctionSpec, tmp_path: Path) -> None:
    """It has no other function, no infrastructure, and only the contracts that the function uses.

    It also has the packages of the function's requirements.txt, and no other packages.
    """
    bundle.build_function(tmp_path, ARCHITECTURE, spec)
    folders = {path.name for path in (tmp_path / "functions").iterdir() if path.is_dir()}
    assert folders == {"runtime", spec.name, "__pycache__"}
    found = {path.name for path in tmp_path.iterdir()} - {"functions", "events"}
    own = loader.ROOT / packages.file_of(spec.name)
    described = {re.sub(r"[-_.]+", "-", name.split("-")[0]) for name in found if name.endswith(".dist-info")}
    assert described == {pin.name for pin in packages.pins(own)}
    assert {name.removesuffix(".py") for name in found if not name.endswith(".dist-info")} <= {
        *packages.modules(loader.ROOT, spec.name),
        "__pycache__",
    }
    held = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.schema.json")}
    assert held == {contract.file for contract in contracts.needed(CONTRACTS, spec)}


def test_the_runtime_finds_the_contracts_of_its_asset(tmp_path: Path) -> None:
    """They have the same path as in the repository, which is /var/task/events on Lambda."""
    (spec,) = (spec for spec in SPECS if spec.name == "notify")
    bundle.build_function(tmp_path, ARCHITECTURE, spec)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {FOUND}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(f"{tmp_path / 'events'} "), done.stderr
    assert "report.published" in done.stdout


FOUND: Final = (
    "from functions.runtime.run.contracts import EVENTS; print(EVENTS, [path.name for path in EVENTS.iterdir()])"
)


def test_an_asset_has_the_wheels_of_its_requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The asset has the wheels of the function's requirements.txt; the error for a wrong hash names the file."""
    folder = tmp_path / "functions" / "reads_paths"
    folder.mkdir(parents=True)
    for path in (folder.parent / "__init__.py", folder / "__init__.py"):
        path.touch()
    lock = bundle.LOCK.read_text(encoding="utf-8")
    own = lock[lock.index("jmespath==") :].split("# via")[0].strip()
    (folder / "requirements.txt").write_text(f"{own}\n", encoding="utf-8")
    trigger = Trigger(samples=("s",), pattern={"source": ["aws.s3"]})
    spec = FunctionSpec(name="reads_paths", description="d", owner="o", trigger=trigger)
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    bundle.build_function(tmp_path / "asset", ARCHITECTURE, spec)
    assert (tmp_path / "asset" / "jmespath" / "__init__.py").is_file()
    assert (tmp_path / "asset" / "functions" / "reads_paths" / "__init__.py").is_file()
    (folder / "requirements.txt").write_text("jmespath==1.0.1\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"functions/reads_paths/requirements\.txt could not be installed:\n.*hash"):
        bundle.build_function(tmp_path / "other", ARCHITECTURE, spec)


def test_a_source_that_does_not_compile_ends_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a deployment it would fail at every cold start."""
    folder = tmp_path / "functions" / "broken"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "handler.py").write_text("def (", encoding="utf-8")
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    with pytest.raises(RuntimeError, match="does not compile"):
        bundle.build_function(tmp_path / "asset", ARCHITECTURE, replace(SPECS[0], name="broken"))
    assert "functions/broken/handler.py" in capsys.readouterr().out


def test_bytecode_is_not_checked_against_its_source(tmp_path: Path) -> None:
    """A zip file keeps no modification times, so bytecode that Python checks would be compiled at every cold start."""
    bundle.build_function(tmp_path, ARCHITECTURE, SPECS[0])
    for source in tmp_path.rglob("*.py"):
        (compiled,) = (source.parent / "__pycache__").glob(f"{source.stem}.cpython-313.pyc")
        flags = int.from_bytes(compiled.read_bytes()[4:8], "little")
        assert flags == 0b01, "hash-based, unchecked (PEP 552)"


def test_the_layer_is_built_from_hashes_alone() -> None:
    """The lock file has a hash for every wheel and no URL."""
    lines = bundle.LOCK.read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if "==" in line]
    assert len(pins) > 5
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins)
    assert not [line for line in lines if "://" in line]


def test_the_journal_needs_only_the_runtime(layer: Path, tmp_path: Path) -> None:
    """Its asset has the runtime without any function, and its handler can be imported."""
    bundle.build_function(tmp_path, ARCHITECTURE)
    assert {path.name for path in (tmp_path / "functions").iterdir() if path.is_dir()} == {"runtime", "__pycache__"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{PATHS}; from functions.runtime.journal import keep"],
        env={"ASSET": str(tmp_path), "LAYER": str(layer), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
