"""Replaces the code of functions on the local AWS when only code changed since the last deployment.

CloudFormation does not see these replacements: it compares a template with the template of the last deployment, and may
leave a function at its old code. So after the next deployment the code of these functions is replaced again.
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

JOURNAL: Final = "journal"  # the platform's own function; its asset is the runtime only
# The files that determine the templates, apart from function code.
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
    """The state of a deployment: digests of the files that determine its templates, and of the code of each function.

    `started` is the start time of the emulator's process: a restart deletes the deployment. `stacks` are the times of
    the last change of each stack: a stack may change without `herald`. `replaced` lists the functions with code that
    CloudFormation has not deployed. `unfinished`: a later deployment began and has not succeeded; the other attributes
    are those of the last one that succeeded.
    """

    started: float
    environment: str
    sources: Mapping[str, str]
    code: Mapping[str, str]
    stacks: Mapping[str, str] = field(default_factory=dict)
    replaced: Sequence[str] = ()
    unfinished: bool = False

    def changed(self, before: "Deployed | None") -> list[str]:
        """Return the template files that differ from those of an earlier deployment."""
        known = before.sources if before else {}
        return sorted(name for name in {*self.sources, *known} if self.sources.get(name) != known.get(name))

    def stale(self, before: "Deployed") -> list[str]:
        """Return the functions with code that differs from that of an earlier deployment."""
        return [name for name, digest in self.code.items() if before.code.get(name) != digest]


def last(environment: str) -> Deployed | None:
    """Return the state of the last deployment to the running emulator; None: there is none."""
    running = emulator.running()
    try:
        found = Deployed(**json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    same = running is not None and (found.started, found.environment) == (running.started, environment)
    return found if same else None


def now(environment: str, specs: Mapping[str, FunctionSpec], architecture: "Architecture") -> Deployed:
    """Return the state that a deployment of this checkout leads to."""
    from infra.constructs import bundle  # noqa: PLC0415 - importing the CDK is slow

    running = emulator.running()
    wanted = {JOURNAL: None, **specs}
    return Deployed(
        started=running.started if running else 0.0,
        environment=environment,
        sources=dict(_sources()),
        code={name: bundle.function_fingerprint(architecture, spec) for name, spec in wanted.items()},
    )


def keep(deployed: Deployed) -> None:
    """Write the state of a deployment to a file."""
    _file().write_text(json.dumps(asdict(deployed)), encoding="utf-8")


def replace_code(
    client: Any,  # noqa: ANN401 - boto3 creates client classes at run time
    prefix: str,
    specs: Mapping[str, FunctionSpec],
    architecture: "Architecture",
    names: Sequence[str],
) -> None:
    """Build the assets of functions and upload them to Lambda."""
    from infra.constructs import bundle  # noqa: PLC0415 - importing the CDK is slow

    for name in names:
        with TemporaryDirectory() as directory:
            target = Path(directory) / "asset"
            bundle.build_function(target, architecture, specs.get(name))
            archive = Path(shutil.make_archive(str(Path(directory) / "code"), "zip", target))
            client.update_function_code(FunctionName=f"{prefix}{name}", ZipFile=archive.read_bytes())


def first_few(names: Sequence[str]) -> str:
    """Return the first three names, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _sources() -> Iterator[tuple[str, str]]:
    for pattern in SOURCES:
        for path in ROOT.glob(pattern):
            yield path.relative_to(ROOT).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def _file() -> Path:
    return emulator.STATE / "deployed.json"
