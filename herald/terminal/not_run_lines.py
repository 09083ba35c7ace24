"""Renders the functions that an event has not run: matching ones and near misses; the others are counted."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from rich.text import Text

from herald.texts import counted, readable

NEAR: Final = 5  # near misses that are shown without --all

type NotRun = Mapping[str, Any]


def below_event(found: Sequence[NotRun], paused: Collection[str]) -> Iterator[Text]:
    """Yield a line for each function that should have run; the reason of a paused one is at the top of the answer."""
    for each in found:
        title = Text.assemble((each["function"], "bold"), (" has not run", "yellow"))
        yield title if each["function"] in paused else title.append(f": {readable(each['reason'])}", style="")


def of_event(found: Sequence[NotRun], paused: Collection[str], *, every: bool) -> Iterator[Text]:
    """Yield a line for each function, or without `every` for those with matching patterns and near misses."""
    near = [each for each in found if each["near"]]
    chosen = found if every else [*(each for each in found if each["matches"]), *near[:NEAR]]
    for each in chosen:
        if each["function"] not in paused:
            yield Text(f"{each['function']}: {readable(each['reason'])}")
    hidden = len(found) - len(chosen)
    if hidden:
        verb = "does" if hidden == 1 else "do"
        yield Text(f"{counted(hidden, 'other function')} {verb} not match: --all shows why", style="dim")
