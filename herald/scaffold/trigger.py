"""What a new function runs on: objects under a prefix, a type of event, or whatever matches a pattern in a file."""

import json
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from herald.errors import CommandError
from herald.scaffold import contract, fields, occasion
from herald.scaffold.fields import Field
from herald.scaffold.files import Files, as_json
from infra.contracts import EVENT_TYPE

PREFIX_BYTES: Final = 512  # half of the longest key: the rest is the job's
CONTENT: Final = "one\ntwo\nthree\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What is declared and written for a trigger; `lines` stand in [trigger] beside `samples`.

    `title` is what such an event is called, `prefix` that of the objects, `fields` what the function reads of the
    data, and `send` the command that makes it run, None where only AWS itself can.
    """

    title: str
    lines: str
    samples: tuple[str, ...]
    send: str | None
    prefix: str | None = None
    fields: tuple[Field, ...] = ()
    files: Files = field(default_factory=dict)


def choose(on: str, name: str, root: Path) -> Trigger:
    """Return the trigger that `--on` asks for: s3:PREFIX, a type of event, or a file with a pattern."""
    if on.startswith("s3:"):
        return _on_objects(on.removeprefix("s3:"), name)
    return _on_pattern(Path(on), name, root) if on.endswith(".json") else _on_type(on, root)


def _on_pattern(file: Path, name: str, root: Path) -> Trigger:
    found = occasion.of(file, name, root)
    send = f"herald send --event events/{found.sample}.json" if contract.is_cloud_event(found.event) else None
    return Trigger(
        title=str(found.event["detail-type"]),
        lines='pattern_file = "pattern.json"\n',
        samples=(found.sample,),
        send=send,
        fields=fields.asked_for(found.pattern, found.event),
        files={f"functions/{name}/pattern.json": as_json(found.pattern)} | found.files,
    )


def _on_objects(prefix: str, name: str) -> Trigger:
    if not prefix or not prefix.isprintable() or {"*", "$"} & set(prefix) or len(prefix.encode()) > PREFIX_BYTES:
        message = (
            f"'s3:{prefix}' names no prefix: write s3:logs/, of at most {PREFIX_BYTES} bytes, "
            "all printable and none of them * or $"
        )
        raise CommandError(message)
    key = f"{prefix}{'' if prefix.endswith('/') else '-'}example.txt"
    sample = f"events/aws.s3/object_created.{name}"
    wanted = json.dumps(prefix, ensure_ascii=False)
    lines = f"""
[trigger.pattern]
source = ["aws.s3"]
detail-type = ["Object Created"]
detail.bucket.name = ["${{bucket.outputs}}"]
detail.object.key = [{{ prefix = {wanted} }}]
"""
    return Trigger(
        title="Object Created",
        lines=lines,
        samples=(f"aws.s3/object_created.{name}",),
        send=f"herald send {sample}.object --to {shlex.quote(prefix)}",
        prefix=prefix,
        files={f"{sample}.json": as_json(_object_created(key)), f"{sample}.object": CONTENT},
    )


def _object_created(key: str) -> dict[str, Any]:
    """Return S3's event for the object of a sample. Source: "EventBridge event message structure", S3 User Guide."""
    written = {"key": key, "size": len(CONTENT), "etag": "deed54b823522e0525693b090363f9df"}
    detail = {
        "version": "0",
        "bucket": {"name": "${bucket.outputs}"},
        "object": written | {"version-id": "Lq8nNqf7bVgkq1mDj6yq2bWn0aXo9mXt", "sequencer": "00617F08299329D18A"},
        "request-id": "R7N4GDK58NMKJ12A",
        "requester": "111122223333",
        "source-ip-address": "192.0.2.44",
        "reason": "PutObject",
    }
    head = {"source": "aws.s3", "detail-type": "Object Created", "resources": ["arn:aws:s3:::${bucket.outputs}"]}
    return contract.ENVELOPE | head | {"detail": detail}


def _on_type(event_type: str, root: Path) -> Trigger:
    if not EVENT_TYPE.fullmatch(event_type):
        message = (
            f"'{event_type}' is nothing to run on: write s3:<prefix>, a type of event, or the name of a .json file"
        )
        raise CommandError(message)
    promised = contract.of(root, event_type)
    found = contract.samples(root, event_type)
    if not found:
        message = f"'{event_type}' has no sample: put an event into events/{event_type}/"
        raise CommandError(message)
    return Trigger(
        title=event_type,
        lines=f'\n[trigger.pattern]\ndetail-type = ["{event_type}"]\n',
        samples=tuple(found),
        send=f"herald send --event events/{next(iter(found))}.json",
        fields=fields.promised(promised.schema),
    )
