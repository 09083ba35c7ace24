"""The functions of a deployment with their health: state, queue and dead letters."""

from collections.abc import Iterator, Sequence
from typing import Final

from herald.markup import Markup, tag, together
from herald.page.pieces import age, isolated, some, table
from herald.page.shapes import Health
from herald.page.ways import Ways

HEADS: Final = ("Function", "State", "Queue", "Oldest message", "Dead letters", "Owner")
HEALTHY: Final = ("active", "endpoint")
COLORS: Final = {"active": "bucket", "paused": "topic", "not deployed": "fault"}


def functions(found: Sequence[Health], ways: Ways) -> Markup:
    """Return the functions; those that need attention come first."""
    if not found:
        return tag("p", "No function is declared.", class_="empty")
    ordered = sorted(found, key=lambda each: (-each["dead"], each["state"] in HEALTHY, each["function"]))
    troubled = sum(each["dead"] > 0 or each["state"] not in HEALTHY for each in found)
    caption = f"{some(len(found), 'function')}, {troubled:,} with dead letters, paused or not deployed"
    return table("functions", caption, HEADS, (_row(each, ways) for each in ordered))


def _row(each: Health, ways: Ways) -> Iterator[str]:
    runs = ways.link(tag("span", each["function"], class_="name"), "runs", function=each["function"])
    yield together(runs, tag("div", isolated(each["description"]), class_="soft"))
    yield tag("span", each["state"], class_=f"decision {COLORS.get(each['state'], 'source')}")
    yield from _queue(each, ways) if each["state"] != "endpoint" else ("no queue", "none", "none")
    yield each["owner"]


def _queue(each: Health, ways: Ways) -> Iterator[str]:
    yield some(each["waiting"], "message")
    yield _oldest(each)
    dead = some(each["dead"], "dead letter")
    yield ways.link(dead, "dead-letters", function=each["function"]) if each["dead"] else dead


def _oldest(each: Health) -> str:
    if each["oldest_s"] is not None:
        return age(each["oldest_s"])
    return "unknown" if each["waiting"] else "none"
