"""The trigger for each form of `--on`; those for events on a bus are made here."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from functions.runtime.patterns import pattern
from herald.errors import CommandError
from herald.scaffold import new_contract, on_devices, on_objects, on_requests, sample_event, sample_fields, toml
from herald.scaffold.trigger import Trigger
from herald.send.bucket_prefix import SCHEME
from infra.contracts import contracts
from infra.contracts.contracts import EVENT_TYPE
from infra.declarations import loader
from infra.flow.routing import WRITTEN


def choose(on: str, name: str, root: Path, emit: Sequence[str]) -> Trigger:
    """Return the trigger for a value of `--on`; `herald new --help` lists the forms."""
    if on.startswith(SCHEME):
        return on_objects.choose(on.removeprefix(SCHEME), name)
    if on.startswith("iot:"):
        return on_devices.choose(on.removeprefix("iot:"), name)
    if on == "http":
        return on_requests.choose(name, root, emit)
    return _on_pattern(Path(on), name, root) if on.endswith(".json") else _on_type(on, root)


def _on_pattern(file: Path, name: str, root: Path) -> Trigger:
    found = sample_event.of(file, name, root)
    written = WRITTEN.items() <= found.event.items()
    title = str(found.event["detail-type"])
    return Trigger(
        kind="event",
        title=title,
        described=f"Log every {title}.",
        lines="\n".join(["", "[trigger.pattern]", *toml.lines(found.pattern), ""]),
        samples=(found.sample, *_of_other_versions(found, root)),
        send=None if written else f"herald send --event events/{found.sample}.json",
        fields=sample_fields.asked_for(found.pattern, found.event),
        files=found.files,
    )


def _of_other_versions(found: sample_event.SampleEvent, root: Path) -> list[str]:
    """Return a sample that matches the pattern too for each other version of the contract, where there is one."""
    if not new_contract.is_cloud_event(found.event):
        return []
    versions = {contracts.version_of(found.event): found.sample}
    for name, event in new_contract.samples(root, str(found.event["detail-type"])).items():
        if new_contract.is_cloud_event(event) and pattern.matches(found.pattern, event):
            versions.setdefault(contracts.version_of(event), name)
    return [name for name in versions.values() if name != found.sample]


def _on_type(event_type: str, root: Path) -> Trigger:
    if not EVENT_TYPE.fullmatch(event_type):
        raise CommandError(
            f"'{event_type}' is nothing to run on: write s3:<prefix>, iot:<topic>, http, a type of event, or the "
            "name of a .json file"
        )
    new_contract.of(root, event_type)
    versions = contracts.load(root)[event_type]
    found = new_contract.samples(root, event_type)
    if not found:
        raise CommandError(f"'{event_type}' has no sample: put an event into events/{event_type}/")
    return Trigger(
        kind="event",
        title=event_type,
        described=f"Log every {event_type}.",
        lines=f'\n[trigger.pattern]\n{_sources(event_type, found, root)}detail-type = ["{event_type}"]\n',
        samples=tuple(found),
        send=f"herald send --event events/{next(iter(found))}.json",
        fields=sample_fields.promised([versions[each].schema for each in sorted(versions, reverse=True)]),
    )


def _sources(event_type: str, samples: Mapping[str, Mapping[str, Any]], root: Path) -> str:
    """Return the pattern's line with the sources of an event that functions emit; "" for other events."""
    makers = {spec.source for spec in loader.load(root) if event_type in spec.access.emit}
    if not makers:
        return ""
    return f"source = {json.dumps(sorted(makers | {str(each['source']) for each in samples.values()}))}\n"
