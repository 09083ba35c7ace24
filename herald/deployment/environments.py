"""The environments that cdk.json declares, for commands that take --env."""

import json
from pathlib import Path

from functions.runtime.core.suggestions import did_you_mean
from herald.errors import CommandError
from infra.declarations.loader import ROOT


def check(name: str, root: Path = ROOT) -> None:
    """Raise CommandError for an environment that cdk.json does not declare; other faults of the file are ignored.

    `herald check` and `cdk synth` report those.
    """
    try:
        known = json.loads((root / "cdk.json").read_bytes())["context"]["environments"].keys()
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return
    if name not in known:
        raise CommandError(f"cdk.json has no environment '{name}'{did_you_mean(name, known)}")
