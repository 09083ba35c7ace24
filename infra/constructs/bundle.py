"""Builds the assets of Lambda without Docker: one per function, and a layer with the locked wheels."""

import compileall
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Final, Literal

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk.aws_lambda import AssetCode, Code
from uv import find_uv_bin

from infra.contracts import contracts
from infra.contracts.contracts import Contracts
from infra.declarations.loader import ROOT
from infra.declarations.packages import PLATFORMS, PYTHON
from infra.declarations.spec import FunctionSpec

LOCK: Final = ROOT / "requirements" / "lambda.txt"
# The services that [access] can grant. botocore contains data for over 400 services; without the others the layer has
# 21 MB instead of 46 MB, which every new execution environment unpacks.
SERVICES: Final = frozenset({"dynamodb", "events", "s3", "secretsmanager", "sns", "sqs"})

type Architecture = Literal["arm64", "x86_64"]


def function_code(architecture: Architecture, spec: FunctionSpec | None = None) -> AssetCode:
    """Return the asset of one function: its folder, the runtime and its contracts, at their paths in the repository.

    The wheels of its requirements.txt, if it has one, are included. Without a function, the asset is the runtime alone.
    """
    fingerprint = function_fingerprint(architecture, spec)
    return _code(ROOT / "functions", fingerprint, lambda target: build_function(target, architecture, spec))


def function_fingerprint(architecture: Architecture, spec: FunctionSpec | None = None) -> str:
    """Return a digest of all sources of a function's asset."""
    return _fingerprint(_sources(spec), PLATFORMS[architecture])


def layer_code(architecture: Architecture, services: AbstractSet[str] = SERVICES) -> AssetCode:
    """Return the asset of a layer: the wheels of requirements/lambda.txt, verified by their hashes.

    `services` are those that boto3 can call.
    """
    fingerprint = _fingerprint([LOCK], PLATFORMS[architecture], *sorted(services - SERVICES))
    return _code(LOCK.parent, fingerprint, lambda target: build_layer(target, architecture, services))


def sources_code(sources: Sequence[Path]) -> AssetCode:
    """Return an asset with these files at their paths in the repository, without wheels."""
    return _code(ROOT / "functions", _fingerprint(sources), lambda target: build_sources(target, sources))


def build_function(target: Path, architecture: Architecture, spec: FunctionSpec | None = None) -> None:
    """Build a function's asset in a directory; RuntimeError with uv's message when a wheel cannot be installed."""
    own = ROOT / "functions" / (spec.name if spec else "runtime") / "requirements.txt"
    if own.is_file():
        _install(target, own, architecture)
    build_sources(target, _sources(spec))


def build_sources(target: Path, sources: Sequence[Path]) -> None:
    """Copy files to their paths in the repository, below a directory, and compile the modules."""
    for source in sources:
        copy = target / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    _compile(target, "/var/task")


def build_layer(target: Path, architecture: Architecture, services: AbstractSet[str] = SERVICES) -> None:
    """Build a layer in a directory; RuntimeError with uv's message when a wheel cannot be installed."""
    site = target / "python"
    _install(site, LOCK, architecture)
    for service in (site / "botocore" / "data").iterdir():
        if service.is_dir() and service.name not in services:
            shutil.rmtree(service)
    _compile(site, "/opt/python")


def _install(site: Path, requirements: Path, architecture: Architecture) -> None:
    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--link-mode", "copy"]
    command += ["--target", str(site), "--python-version", PYTHON, "--python-platform", PLATFORMS[architecture]]
    command += ["--only-binary", ":all:", "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{requirements.relative_to(ROOT)} could not be installed:\n{done.stderr.strip()}")
    shutil.rmtree(site / "bin", ignore_errors=True)  # scripts that the wheels install
    (site / ".lock").unlink(missing_ok=True)  # uv's lock file


def _compile(directory: Path, deployed: str) -> None:
    """Compile to bytecode that Python never checks against its source: a zip file keeps no modification times."""
    compiled = compileall.compile_dir(
        directory,
        quiet=1,
        stripdir=str(directory),
        prependdir=deployed,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiled:
        raise RuntimeError(f"the asset for {deployed} does not compile: see the file and the line above")


def _sources(spec: FunctionSpec | None) -> list[Path]:
    package = ROOT / "functions"
    sources = [package / "__init__.py", *modules(package / "runtime")]
    if spec:
        sources += modules(package / spec.name)
        sources += (ROOT / contract.file for contract in contracts.needed(_contracts(ROOT), spec))
    return sources


@cache
def _contracts(root: Path) -> Contracts:
    return contracts.load(root)


def modules(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, without compiled ones."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)


def _fingerprint(sources: Sequence[Path], *more: str) -> str:
    digest = hashlib.sha256("\n".join((PYTHON, Path(__file__).read_text(encoding="utf-8"), *more)).encode())
    for source in sources:
        digest.update(f"\n{source.relative_to(ROOT)}\n".encode() + source.read_bytes())
    return digest.hexdigest()


def _code(source: Path, fingerprint: str, build: Callable[[Path], None]) -> AssetCode:
    return Code.from_asset(
        str(source),
        asset_hash=fingerprint,
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(image=DockerImage.from_registry("unused"), local=_Local(build)),
    )


@jsii.implements(ILocalBundling)
class _Local:
    """Builds in this process; the CDK requires an image too, but never pulls it."""

    def __init__(self, build: Callable[[Path], None]) -> None:
        self._build = build

    def try_bundle(self, output_dir: str, *, image: DockerImage, **_: object) -> bool:  # noqa: ARG002 - the CDK's interface
        self._build(Path(output_dir))
        return True
