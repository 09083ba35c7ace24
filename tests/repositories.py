"""Generated repositories of any size for tests: functions/ and events/ as several teams would fill them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from herald.catalog import reading
from infra.declarations import loader
from infra.declarations.spec import Access, FunctionSpec, Resource, Trigger
from infra.flow import graph
from infra.flow.graph import EventType, Flow

HOSTILE: Final = "</script></code><img src=x onerror=alert(1)>\"'&\u202e\x00\x1b]]>"
NOUNS: Final = (
    "invoice",
    "order",
    "shipment",
    "return_label",
    "customer",
    "price",
    "stock",
    "device",
    "campaign",
    "claim",
)
OWNERS: Final = ("billing", "logistics", "customer-care", "pricing", "field-service")

# The functions of each noun, with the event types that run them and their [access]; {next} is the next noun.
STAGES: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "accept": ((), "emit = ['{noun}.accepted']"),
    "validate": (("{noun}.accepted",), "emit = ['{noun}.validated']"),
    "enrich": (("{noun}.validated",), "emit = ['{noun}.enriched']"),
    "archive": (("{noun}.validated",), "write = ['bucket.artifacts/{noun}/archive/*']"),
    "publish": (("{noun}.enriched", "{next}.validated"), "emit = ['{noun}.published']\npublish = ['topic.notices']"),
    "score": (("{noun}.validated",), "emit = ['{noun}.scored']\nwrite = ['bucket.artifacts/{noun}/scores/*']"),
    "route": (("{noun}.accepted",), "write = ['bucket.artifacts/{noun}/routes/*']"),
    "index": (("{noun}.enriched",), "write = ['bucket.artifacts/{noun}/index/*']"),
    "reconcile": (("{noun}.published",), "emit = ['{noun}.reconciled']"),
    "report": (("{noun}.scored",), "publish = ['topic.notices']"),
}
DECLARATION: Final = """description = "{description}"
owner = "{owner}"
[trigger]
samples = {samples}
[trigger.pattern]
{pattern}
[access]
{access}
"""


def generate(root: Path, count: int) -> Path:
    """Write a repository of `count` functions below `root`, at most a hundred; return `root`."""
    (root / "functions" / "runtime").mkdir(parents=True)
    (root / "events").mkdir()
    stages = [(number, stage) for number in range(len(NOUNS)) for stage in STAGES]
    for number, stage in stages[:count]:
        _function(root, number, stage)
    return root


def write(path: Path, content: Any) -> None:  # noqa: ANN401 - JSON, or a text
    """Write a file, and create its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def contract(event_type: str) -> dict[str, Any]:
    """Return a small contract."""
    return {
        "title": event_type,
        "description": f"It is so: {event_type}.",
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "maxLength": 40}, "note": {"type": "string"}},
    }


def domain_sample(event_type: str, source: str) -> dict[str, Any]:
    """Return an event as a rule of the bus sends it."""
    data = {"id": "42", "note": "as agreed"}
    return {"source": source, "detail-type": event_type, "detail": {"specversion": "1.0", "data": data}}


def read(root: Path) -> Flow:
    """Return the flow of a repository."""
    return graph.build(loader.load(root), reading.event_types(root))


def hostile() -> Flow:
    """Return a flow with markup in every name and text."""
    objects = {"bucket": {"name": ["${bucket.outputs}"]}, "object": {"key": [{"prefix": HOSTILE}]}}
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created", HOSTILE], "detail": objects}
    access = Access(write=(Resource("bucket", "artifacts", HOSTILE),), emit=(HOSTILE,))
    spec = FunctionSpec(
        name=HOSTILE,
        description=HOSTILE,
        owner=HOSTILE,
        trigger=Trigger(samples=(HOSTILE,), pattern=pattern),
        access=access,
    )
    schema = {"description": HOSTILE, "properties": {HOSTILE: {"description": HOSTILE, "enum": [HOSTILE]}}}
    sample = {"source": HOSTILE, "detail": {HOSTILE: HOSTILE}}
    return graph.build([spec], [EventType(type=HOSTILE, contracts={1: schema}, samples={HOSTILE: sample})])


def _function(root: Path, number: int, stage: str) -> None:
    names = {"noun": NOUNS[number], "next": NOUNS[(number + 1) % len(NOUNS)]}
    types, access = STAGES[stage]
    waited = [each.format(**names) for each in types]
    samples, pattern = (
        _arrival(root, number) if not waited else (list(_samples(root, waited)), f"detail-type = {waited}")
    )
    for line in access.format(**names).splitlines():
        if line.startswith("emit"):
            event_type = line.split("'")[1]
            write(root / "events" / event_type / "1.schema.json", contract(event_type))
    declaration = DECLARATION.format(
        description=f"{stage.capitalize()} every {names['noun'].replace('_', ' ')} as soon as it can be done.",
        owner=OWNERS[number // 2],
        samples=samples,
        pattern=pattern,
        access=access.format(**names),
    )
    write(root / "functions" / f"{stage}_{names['noun']}" / "function.toml", declaration)


def _samples(root: Path, types: list[str]) -> Iterator[str]:
    for event_type in types:
        write(root / "events" / event_type / "made.json", domain_sample(event_type, "herald.made"))
        yield f"{event_type}/made"


def _arrival(root: Path, number: int) -> tuple[list[str], str]:
    """Return the samples and the pattern of an event from outside: an object, an alarm, or another system's event."""
    noun = NOUNS[number]
    if number % 3 == 0:
        detail = {"bucket": {"name": "${bucket.outputs}"}, "object": {"key": f"{noun}/1.csv"}}
        event = {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}
        write(root / "events" / "aws.s3" / f"object_created.{noun}.json", event)
        place = f"detail.bucket.name = ['${{bucket.outputs}}']\ndetail.object.key = [{{ prefix = '{noun}/' }}]"
        return [f"aws.s3/object_created.{noun}"], f"source = ['aws.s3']\ndetail-type = ['Object Created']\n{place}"
    if number % 3 == 1:
        event = {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": {}}
        write(root / "events" / "aws.cloudwatch" / "cloudwatch_alarm_state_change.any.json", event)
        return [
            "aws.cloudwatch/cloudwatch_alarm_state_change.any"
        ], "source = ['aws.cloudwatch']\ndetail-type = ['CloudWatch Alarm State Change']"
    event_type = f"{noun}.received"
    write(root / "events" / event_type / "1.schema.json", contract(event_type))
    write(root / "events" / event_type / "web.json", domain_sample(event_type, "web-shop"))
    return [f"{event_type}/web"], f"detail-type = ['{event_type}']"
