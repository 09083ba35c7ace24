"""Replaces the code of functions on the local AWS where nothing else changed since the last deployment.

CloudFormation knows nothing of it: a deployment afterwards compares its template with the one before. The functions
whose code was replaced get their code once more after the next deployment, which may have left them as they are.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from herald.local import emulator
from infra.declarations.loader import ROOT
from infra.declarations.spec import FunctionSpec

if TYPE_CHECKING:
    from infra.constructs.bundle import Architecture

JOURNAL: Final = "journal"  # the platform's own function, which is the runtime alone
# What the templates are made of, apart from the code of functions.
SOURCES: Final = (
    "app.py",
    "cdk.json",
    "infra/**/*.py",
    "infra/*.toml",
    "functions/*/function.toml",
    "requirements/*.txt",
)
NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What the local AWS holds: digests of the files its templates are made of, and of each function's code.

    `started` is when its process began, by which a later one is known. `stacks` are the times of their last change:
    somebody may have deployed or destroyed one without `herald`. `replaced` are functions whose code CloudFormation
    does not know.
    """

    started: float
    environment: str
    sources: Mapping[str, str]
    code: Mapping[str, str]
    stacks: Mapping[str, str] = field(default_factory=dict)
    replaced: Sequence[str] = ()

    def changed(self, before: "Deployed | None") -> list[str]:
        """Return the files of the templates that differ from those of another deployment."""
        known = before.sources if before else {}
        return sorted(name for name in {*self.sources, *known} if self.sources.get(name) != known.get(name))

    def stale(self, before: "Deployed") -> list[str]:
        """Return the functions whose code differs from that of another deployment."""
        return [name for name, digest in self.code.items() if before.code.get(name) != digest]


def last(environment: str) -> Deployed | None:
    """Return what was deployed to the running emulator, None where nothing is known of it."""
    running = emulator.running()
    try:
        found = Deployed(**json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    same = running is not None and (found.started, found.environment) == (running.started, environment)
    return found if same else None


def now(environment: str, specs: Mapping[str, FunctionSpec], architecture: "Architecture") -> Deployed:
    """Return what a deployment would put there."""
    from infra.constructs import bundle  # noqa: PLC0415 - `herald` need not wait for the CDK

    running = emulator.running()
    wanted = {JOURNAL: None, **specs}
    return Deployed(
        started=running.started if running else 0.0,
        environment=environment,
        sources=dict(_sources()),
        code={name: bundle.function_fingerprint(architecture, spec) for name, spec in wanted.items()},
    )


def keep(deployed: Deployed) -> None:
    """Note what is deployed."""
    _file().write_text(json.dumps(asdict(deployed)), encoding="utf-8")


def replace_code(
    client: Any,  # noqa: ANN401 - boto3 makes clients dynamically
    prefix: str,
    specs: Mapping[str, FunctionSpec],
    architecture: "Architecture",
    names: Sequence[str],
) -> None:
    """Build the assets of functions and hand them to Lambda."""
    from infra.constructs import bundle  # noqa: PLC0415 - as above

    for name in names:
        with TemporaryDirectory() as directory:
            target = Path(directory) / "asset"
            bundle.build_function(target, architecture, specs.get(name))
            archive = Path(shutil.make_archive(str(Path(directory) / "code"), "zip", target))
            client.update_function_code(FunctionName=f"{prefix}{name}", ZipFile=archive.read_bytes())


def named(files: Sequence[str]) -> str:
    """Return the first few of the files that changed."""
    more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
    return ", ".join(files[:NAMED]) + more


def _sources() -> Iterator[tuple[str, str]]:
    for pattern in SOURCES:
        for path in ROOT.glob(pattern):
            yield path.relative_to(ROOT).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def _file() -> Path:
    return emulator.STATE / "deployed.json"
