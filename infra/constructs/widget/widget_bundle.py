"""The asset of the widget: the parts of the command line that answer, and the declarations that they read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from aws_cdk.aws_lambda import AssetCode

from infra.constructs import bundle
from infra.constructs.bundle import LOCK
from infra.declarations.loader import ROOT

# The rooms of the command line that no answer uses. A new room is part of the asset, because an answer may use it.
NOT_ROOMS: Final = frozenset(
    {"catalog", "commands", "cost", "local", "reference", "scaffold", "send", "terminal", "__pycache__"}
)
DECLARATIONS: Final = ("functions/runtime", "infra/contracts", "infra/declarations", "infra/flow")
EMULATOR: Final = ("herald/local/__init__.py", "herald/local/emulator.py")  # which tells AWS from the local AWS
# What the declarations need besides function.toml: events/ has samples and contracts. herald/check reads the lock.
FILES: Final = ("functions/__init__.py", "infra/__init__.py", "infra/resources.toml", "herald/colors.css", *EMULATOR)
SERVICES: Final = bundle.SERVICES | {"cloudformation", "lambda", "logs"}


def sources() -> list[Path]:
    """Return the files of the asset, which is a checkout without handlers, terminal and constructs."""
    return [*_sources()]


def code() -> AssetCode:
    """Return the asset."""
    return bundle.sources_code(sources())


def _sources() -> Iterator[Path]:
    rooms = (path for path in sorted((ROOT / "herald").iterdir()) if path.is_dir() and path.name not in NOT_ROOMS)
    for room in (*rooms, *(ROOT / name for name in DECLARATIONS)):
        yield from bundle.modules(room)
    yield from sorted((ROOT / "herald").glob("*.py"))
    yield from sorted((ROOT / "functions").glob("*/function.toml"))
    yield from bundle.modules(ROOT / "events")
    yield from (ROOT / name for name in FILES)
    yield LOCK
