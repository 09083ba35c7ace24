"""Renders the answers of `herald status` and `herald logs`."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from herald.terminal.rendering import readable
from herald.terminal.times import SECOND, lasting, moment_of
from herald.texts import counted

if TYPE_CHECKING:
    from herald.monitor.function_log import LogLine

# The keys of a line that its text does not contain and that people ask for.
SHOWN: Final = ("decision_reason", "subject", "event_id", "correlation_id", "attempt")
STYLES: Final = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}


def lines(answer: Mapping[str, Any]) -> Iterator[Text]:
    """Yield a line for each function, and one for the platform."""
    functions = answer["functions"]
    width = max((len(each["function"]) for each in functions), default=0)
    for each in functions:
        made = Text.assemble((f"{each['function']:<{width}}", "bold"), f"  {each['state']:<12}", "  ", _counts(each))
        yield _marked(made, each["attention"])
    platform = answer["platform"]
    journal = "" if platform["journal_waiting"] is None else f"; the journal: {platform['journal_waiting']} waiting"
    made = Text(f"{counted(platform['undelivered'], 'undelivered event')}{journal}")
    yield _marked(made, platform["attention"])


def log(line: "LogLine") -> Text:
    """Return a line of a log: time, level, message, the keys that matter, and the traceback below."""
    fields = line.fields
    if not fields:
        return Text.assemble((moment_of(line.time), "dim"), "  ", readable(line.text))
    level = str(fields.get("level", ""))
    made = Text.assemble(
        (moment_of(line.time), "dim"),
        "  ",
        (f"{level:<8}", STYLES.get(level, "")),
        readable(str(fields.get("message"))),
    )
    keys = [f"{name}={fields[name]}" for name in SHOWN if fields.get(name) not in {None, ""}]
    made.append(f"  {readable(' '.join(keys))}" if keys else "", style="dim")
    for each in str(fields.get("exception") or "").splitlines():
        made.append(f"\n    {readable(each)}")
    return made


def _counts(each: Mapping[str, Any]) -> str:
    oldest = f", oldest {lasting(each['oldest_s'] * SECOND)}" if each["oldest_s"] else ""
    parts = [f"{each['waiting']} waiting{oldest}", counted(each["dead"], "dead letter")]
    parts += [f"{each[name]} {name} in the last hour" for name in ("failed", "retrying") if each[name]]
    return ", ".join(parts)


def _marked(made: Text, attention: list[str]) -> Text:
    return made.append(f"  ← {', '.join(attention)}", style="red") if attention else made
