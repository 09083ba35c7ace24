"""Renders the answer to `herald explain`: the event, and each function with the clauses of its pattern."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Group
from rich.text import Text
from rich.tree import Tree

from herald.terminal.rendering import counted, readable

NEAR: Final = 5  # near misses that are shown without --all


def answer(explained: Mapping[str, Any], *, every: bool) -> Group:
    """Return the answer: matching functions and near misses, and with `every` all functions."""
    functions = explained["functions"]
    near = [each for each in functions if each["near"]]
    shown = functions if every else [*(each for each in functions if each["matches"]), *near[:NEAR]]
    parts: list[Text | Tree] = [*_event(explained["event"]), *_assumed(explained["assumed"])]
    parts += [_function(each, explained["event"]) for each in shown]
    hidden = len(functions) - len(shown)
    if hidden:
        verb = "does" if hidden == 1 else "do"
        parts.append(Text(f"{counted(hidden, 'other function')} {verb} not match: --all shows why", style="dim"))
    return Group(*parts)


def _event(event: Mapping[str, Any]) -> Iterator[Text]:
    title = Text.assemble((readable(event["type"]), "bold"), f" from {readable(event['source'])}")
    if event["subject"]:
        title.append(f" about {readable(event['subject'])}")
    yield title
    if event["unreadable"]:
        yield Text(f"functions cannot read it: {readable(event['unreadable'])}", style="red")
    if event["source_fault"]:
        yield Text(f"no sender may send it: {readable(event['source_fault'])}", style="red")
    if event["contract_fault"]:
        yield Text(f"it breaks its contract: {readable(event['contract_fault'])}", style="red")
    elif event["contract"]:
        yield Text(f"it satisfies its contract {readable(event['contract'])}")


def _assumed(names: Mapping[str, str]) -> Iterator[Text]:
    for resource, name in names.items():
        yield Text(f"assumed without asking AWS: ${{{resource}}} is {readable(name)}", style="yellow")


def _function(each: Mapping[str, Any], event: Mapping[str, Any]) -> Tree:
    title = Text.assemble((readable(each["function"]), "bold"), " ", _match(each, event))
    tree = Tree(title)
    for clause in each["clauses"]:
        text = readable(f"{clause['field']}: {clause['accepts']}")
        if clause["fault"]:
            tree.add(Text(readable(f"✗ {text}: {clause['fault']}"), style="red"))
        else:
            tree.add(Text(f"✓ {text}", style="green"))
    return tree


def _match(each: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[str, str]:
    if not each["matches"]:
        near = "nearly matches" if each["near"] else "does not match"
        return f"{near}: {readable(each['reason'])}", "yellow" if each["near"] else "dim"
    if each["version_fault"]:
        return f"matches, and rejects the event: {readable(each['version_fault'])}", "red"
    if event["unreadable"] or event["contract_fault"]:
        return "matches, and rejects the event", "red"
    return "matches", "green"
