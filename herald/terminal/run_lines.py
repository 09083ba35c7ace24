"""Renders settled runs for a terminal, one line each."""

from collections.abc import Mapping
from typing import Any, Final

from rich.text import Text

from functions.runtime.core.text import cut
from herald.terminal.rendering import STYLES, readable
from herald.terminal.times import ago, lasting, moment_of

REASON_LENGTH: Final = 100
AGO_LENGTH: Final = 10
DECISION_LENGTH: Final = 9


def line(run: Mapping[str, Any], width: int, *, now: int | None, verbose: bool) -> Text:
    """Return a run as a line; `width` is the length of the longest function name. Without `now` it has no age."""
    word = run["decision"]
    age = f"{ago(run['settled_at'], now):>{AGO_LENGTH}}  " if now is not None else ""
    made = Text.assemble(
        f"{moment_of(run['settled_at'])}  {age}",
        (f"{readable(run['function']):<{width}}", "bold"),
        "  ",
        (f"{word:<{DECISION_LENGTH}}", STYLES.get(word, "white")),
        f"  {readable(run['subject'] if verbose else run['short_subject'])}",
    )
    why = _why(run)
    made.append(f"  {why}", style="red") if run["error"] else made.append(f"  {why}" if why else "")
    return made.append(f"  attempt {run['attempt']}, {lasting(run['duration_ms'])}", style="dim")


def _why(run: Mapping[str, Any]) -> str:
    """Return the error and the reason in short; a processed run has no reason that is worth reading."""
    if run["decision"] == "processed":
        return ""
    reason = readable(cut(run["reason"] or "", REASON_LENGTH))
    error = run["error"] or ""
    return reason if not error or reason.startswith(error) else f"{error}: {reason}"
