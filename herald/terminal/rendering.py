"""Renders answers for a terminal: a tree of runs and their effects."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.text import Text
from rich.tree import Tree

from functions.runtime.ledger.decisions import DEAD_LETTERED
from functions.runtime.patterns import pattern
from herald.texts import counted, readable

__all__ = ["answer", "counted", "readable"]

STYLES: Final = {
    "processed": "green",
    "running": "yellow",
    "retrying": "yellow",
    "rejected": "red",
    "dead": "bold red",
}


def answer(why: Mapping[str, Any], flags: str = "") -> Tree:
    """Return the answer to `herald why` as a tree; `flags` select the same deployment in the commands it shows."""
    tree = Tree(Text(readable(why["subject"]), style="bold"))
    for function in why.get("paused", []):
        tree.add(Text(f"{function} is paused: its events wait in its queue", style="yellow"))
    for decision in why["decisions"]:
        _add(tree, decision, why["subject"], flags)
    if why["decisions"]:
        _add_not_run(tree, why)
    else:
        branch = tree.add(Text("ran nothing", style="yellow"))
        for each in why.get("not_run", []):
            branch.add(Text(f"{each['function']}: {readable(each['reason'])}"))
    return tree


def _add(tree: Tree, decision: Mapping[str, Any], subject: str, flags: str) -> None:
    word = decision["decision"]
    title = Text.assemble((decision["function"], "bold"), " ", (word, STYLES.get(word, "white")))
    if decision["reason"]:
        title.append(f": {readable(decision['reason'])}", style="dim" if word == "processed" else "")
    branch = tree.add(title)
    for label, value in _facts(decision):
        branch.add(Text.assemble((f"{label:<7}", "cyan"), readable(value)))
    if word in DEAD_LETTERED:
        command = f"herald dlq show --function {decision['function']} --subject {shlex.quote(subject)}{flags}"
        branch.add(Text.assemble(("dlq    ", "cyan"), readable(command)))
    for effect in decision["effects"]:
        caused = branch.add(_effect(effect))
        for below in effect["decisions"]:
            _add(caused, below, effect["subject"], flags)
        _add_not_run(caused, effect)
    if decision["effects_omitted"]:
        branch.add(f"and {counted(decision['effects_omitted'], 'more effect')}")


def _add_not_run(branch: Tree, event: Mapping[str, Any]) -> None:
    for each in event.get("not_run", []):
        branch.add(
            Text.assemble((each["function"], "bold"), (" has not run", "yellow"), f": {readable(each['reason'])}")
        )


def _effect(effect: Mapping[str, Any]) -> Text:
    if effect["kind"] == "wake":
        return Text.assemble(("asked ", "magenta"), f"to be woken at {effect['time']}")
    kind = f"{effect['type']} about " if effect["kind"] == "event" else f"{effect['kind']} "
    return Text.assemble(("caused ", "magenta"), kind, readable(effect["subject"]))


def _facts(decision: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
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
    if decision["replay"]:
        yield "replay", decision["replay"]
    if decision["cause"]:
        yield "cause", f"{decision['cause']['function']} on {decision['cause']['subject']}"
