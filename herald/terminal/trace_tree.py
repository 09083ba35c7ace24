"""Renders the runs that one event caused as a tree."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text
from rich.tree import Tree

from functions.runtime.core.text import cut
from herald.terminal.rendering import STYLES, counted, readable
from herald.terminal.run_lines import REASON_LENGTH
from herald.terminal.times import lasting, moment_of


def answer(trace: Mapping[str, Any], *, verbose: bool) -> Tree:
    """Return the answer to `herald trace` as a tree of events, runs and effects."""
    root = trace["root"]
    tree = Tree(
        Text.assemble(
            (readable(_subject(root, verbose=verbose)), "bold"),
            f"  {root['event_type'] or 'no event'}  {root['time'] or ''}  correlation {trace['correlation_id']}",
        )
    )
    if root["cause"]:
        cause = root["cause"]
        lost = f"caused by {cause['function']} on {cause['subject']}: the ledger no longer has that run"
        tree.add(Text(readable(lost), style="yellow"))
    for run in root["runs"]:
        _add(tree, run, verbose=verbose)
    return tree


def _add(tree: Tree, run: Mapping[str, Any], *, verbose: bool) -> None:
    branch = tree.add(_run(run))
    for effect in run["effects"]:
        below = branch.add(_effect(effect, verbose=verbose))
        for caused in effect["runs"]:
            _add(below, caused, verbose=verbose)
    if run["effects_not_shown"]:
        branch.add(Text(f"and {counted(run['effects_not_shown'], 'more effect')}", style="dim"))


def _run(run: Mapping[str, Any]) -> Text:
    """Return the line of a run: when its first attempt started and how long after the event, and how it ended."""
    lag = f" (+{lasting(run['lag_ms'])})" if run["lag_ms"] is not None else ""
    took = f", {lasting(run['duration_ms'])}" if run["duration_ms"] is not None else ""
    made = Text.assemble(
        (readable(run["function"]), "bold"),
        " ",
        (run["decision"], STYLES.get(run["decision"], "white")),
        f"  {moment_of(run['started_at'])}{lag}, attempt {run['attempt']}{took}",
    )
    if run["decision"] != "processed" and run["reason"]:
        made.append(f"  {readable(cut(run['reason'], REASON_LENGTH))}", style="red" if run["error"] else "")
    return made.append("  ← asked", style="cyan") if run["asked"] else made


def _effect(effect: Mapping[str, Any], *, verbose: bool) -> Text:
    if effect["kind"] == "wake":
        return Text.assemble(("asked ", "magenta"), f"to be woken at {effect['time']}")
    kind = f"{effect['type']} about " if effect["kind"] == "event" else f"{effect['kind']} "
    return Text.assemble(("caused ", "magenta"), kind, readable(_subject(effect, verbose=verbose)))


def _subject(node: Mapping[str, Any], *, verbose: bool) -> str:
    text: str = node["subject"] if verbose else node["short_subject"]
    return text
