"""Renders answers for a terminal: a tree of runs and their effects."""

import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rich.text import Text
from rich.tree import Tree

from functions.runtime.ledger.decisions import DEAD_LETTERED
from functions.runtime.patterns import pattern
from herald.terminal import not_run_lines, time_lines
from herald.terminal.time_lines import moment
from herald.texts import counted, readable

__all__ = ["View", "answer", "counted", "readable"]

STYLES: Final = {
    "processed": "green",
    "running": "yellow",
    "retrying": "yellow",
    "rejected": "red",
    "dead": "bold red",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How an answer is shown.

    `flags` select the same deployment in the commands it shows, `now` is in ms since the epoch, `every` also shows the
    functions with patterns that do not nearly match.
    """

    flags: str = ""
    now: int = field(default_factory=lambda: int(time.time() * 1000))
    every: bool = False


def answer(why: Mapping[str, Any], view: View | None = None) -> Tree:
    """Return the answer to `herald why` as a tree."""
    view = view or View()
    tree, paused = Tree(Text(readable(why["subject"]), style="bold")), why.get("paused", [])
    for function in paused:
        resume = f"herald resume {function}{view.flags}"
        tree.add(Text(f"{function} is paused: its events wait in its queue until `{resume}`", style="yellow"))
    if why.get("decisions_omitted"):
        omitted = counted(why["decisions_omitted"], "older decision", "is", "are")
        tree.add(Text(f"{omitted} not shown", style="dim"))
    for decision in why["decisions"]:
        _add(tree, decision, why["subject"], view, paused)
    newest = why.get("newest_event")
    if newest:
        age = moment(newest["time"], view.now)
        branch = tree.add(Text(f"{readable(newest['type'])} of {age} ran nothing", style="yellow"))
        for line in not_run_lines.of_event(why["not_run"], paused, every=view.every):
            branch.add(line)
    else:
        _add_not_run(tree, why, paused)
    return tree


def _add(tree: Tree, decision: Mapping[str, Any], subject: str, view: View, paused: Sequence[str]) -> None:
    word = decision["decision"]
    title = Text.assemble((decision["function"], "bold"), " ", (word, STYLES.get(word, "white")))
    if decision["reason"]:
        title.append(f": {readable(decision['reason'])}", style="dim" if word == "processed" else "")
    branch = tree.add(title)
    for label, value in (*_facts(decision, view.now), *_dead_letter(decision, subject, view.flags)):
        branch.add(Text.assemble((f"{label:<7}", "cyan"), readable(value)))
    for effect in decision["effects"]:
        caused = branch.add(_effect(effect))
        for below in effect["decisions"]:
            _add(caused, below, effect["subject"], view, paused)
        _add_not_run(caused, effect, paused)
    if decision["effects_omitted"]:
        branch.add(f"and {counted(decision['effects_omitted'], 'more effect')}")


def _dead_letter(decision: Mapping[str, Any], subject: str, flags: str) -> Iterator[tuple[str, str]]:
    """Yield the command that shows the dead letter of a decision, or a note that the queue does not have it."""
    if decision["decision"] not in DEAD_LETTERED:
        return
    state = decision.get("dead_letter")
    if state and state["in_queue"] is False:
        yield "dlq", state["note"]
    else:
        yield "dlq", f"herald dlq show --function {decision['function']} --subject {shlex.quote(subject)}{flags}"


def _add_not_run(branch: Tree, event: Mapping[str, Any], paused: Sequence[str]) -> None:
    for line in not_run_lines.below_event(event.get("not_run", []), paused):
        branch.add(line)


def _effect(effect: Mapping[str, Any]) -> Text:
    if effect["kind"] == "wake":
        return Text.assemble(("asked ", "magenta"), f"to be woken at {effect['time']}")
    kind = f"{effect['type']} about " if effect["kind"] == "event" else f"{effect['kind']} "
    return Text.assemble(("caused ", "magenta"), kind, readable(effect["subject"]))


def _facts(decision: Mapping[str, Any], now: int) -> Iterator[tuple[str, str]]:
    what, where, who, why = (decision[name] for name in ("what", "where", "who", "why"))
    details = [f"{name} {what[name]}" for name in ("version", "sequence") if what[name]]
    details += [f"{what['size']:,} {'byte' if what['size'] == 1 else 'bytes'}"] if what["size"] is not None else []
    yield "what", ", ".join([str(what["type"] or "no event"), *details])
    if where["bucket"]:
        yield "where", f"{where['region']}, bucket {where['bucket']}"
    if why["description"]:
        yield "why", f"{why['description']}  {'; '.join(map(': '.join, pattern.readings(why['pattern'])))}"
    yield "who", ", ".join(str(value) for value in who.values() if value) or "not said"
    redriven = f" after {counted(decision['redrives'], 'redrive')}" if decision["redrives"] else ""
    took = f"{decision['duration_ms'] or 0} ms"
    yield "run", f"attempt {decision['attempt']}{redriven}, {took}, correlation {decision['correlation_id']}"
    yield from time_lines.facts(decision["times"], decision["attempt"], now)
    if decision["replay"]:
        yield "replay", decision["replay"]
    if decision["cause"]:
        yield "cause", f"{decision['cause']['function']} on {decision['cause']['subject']}"
