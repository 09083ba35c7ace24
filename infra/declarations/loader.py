"""From functions/*/function.toml to specs; whatever is wrong is refused with its file and its key."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from functions.runtime.core.suggestions import did_you_mean
from functions.runtime.patterns import pattern
from infra.contracts import contracts
from infra.contracts.contracts import EVENT_TYPE, Contracts
from infra.declarations import files, naming, requests, resources, topic, validation
from infra.declarations.spec import ENVIRONMENT, SNAKE_CASE, FunctionSpec, SpecError
from infra.flow import loop_check

ROOT: Final = Path(__file__).parents[2]
NOT_FUNCTIONS: Final = frozenset({"runtime", "__pycache__"})
DESCRIPTION_LENGTH: Final = 256
OWNER_LENGTH: Final = 64  # a stack's name has at most 128, of which herald-<environment>-functions- takes its part
OWNER: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Of a file below events/, without its `.json`: no part of the path leads out of there.
SAMPLE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")
# S3's own rule for names, of which the first three characters must be there: a scope of everything is none.
BUCKETS: Final = re.compile(r"[a-z0-9][a-z0-9.-]{2,62}\*?")
TRIGGERS: Final = ("pattern", "iot", "http")  # of which a function has one
PATTERN_LENGTH: Final = 2_048  # the most EventBridge takes
SETTINGS_BYTES: Final = 2_048


def load(root: Path = ROOT) -> tuple[FunctionSpec, ...]:
    """Return the specs of all functions under `root`, by name; SpecError says the first thing that is wrong."""
    resources.load()  # first, so that a fault in it is not reported as one of a function
    folders = sorted(path for path in (root / "functions").iterdir() if path.is_dir() and not files.is_left(path))
    known = contracts.load(root)
    specs = tuple(_function(root, folder, known) for folder in folders if folder.name not in NOT_FUNCTIONS)
    naming.refuse_former(specs, {folder.name for folder in folders})
    loop_check.refuse(specs)
    return specs


def faults(root: Path = ROOT) -> Iterator[str]:
    """Yield the first fault of each invalid function.toml; raise SpecError for one in another file that all read."""
    resources.load()
    known = contracts.load(root)
    for folder in sorted(path for path in (root / "functions").iterdir() if path.is_dir() and not files.is_left(path)):
        if folder.name not in NOT_FUNCTIONS:
            try:
                _function(root, folder, known)
            except SpecError as error:
                yield str(error)


def sample(name: str, root: Path = ROOT) -> dict[str, Any]:
    """Return a sample event by the name [trigger] gives it, such as `aws.s3/object_created.report`."""
    return files.json_object(root / "events" / f"{name}.json", f"events/{name}.json")


def _function(root: Path, folder: Path, known: Contracts) -> FunctionSpec:
    file = f"functions/{folder.name}/function.toml"
    try:
        table = tomllib.loads((folder / "function.toml").read_text(encoding="utf-8"))
        spec = validation.read(FunctionSpec, table, name=folder.name, reads={})
        _check_names(spec)
        requests.check_delivery(spec, table)
        _check_wakes(spec)
        _check_trigger(spec, root)
        spec = replace(spec, reads=_reads(spec, known, root))
        _check_access(spec, known)
        _check_closes(spec)
        requests.check_senders(spec)
        requests.check_secrets(spec)
        _check_settings(spec)
    except files.FileError:
        raise
    except FileNotFoundError as error:
        raise SpecError(
            f"{file}: there is no such file; every folder in functions/ but runtime/ is a function"
        ) from error
    except (SpecError, pattern.PatternError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise SpecError(f"{file}: {error}") from error
    return spec


def _check_names(spec: FunctionSpec) -> None:
    naming.check(spec.name)
    if len(spec.description) > DESCRIPTION_LENGTH:
        raise SpecError(
            f"description has {len(spec.description)} characters, more than the {DESCRIPTION_LENGTH} Lambda takes"
        )
    if not OWNER.fullmatch(spec.owner):
        raise SpecError(f"owner: '{spec.owner}' must be lower-case words joined by '-': it names a stack")
    if len(spec.owner) > OWNER_LENGTH:
        raise SpecError(
            f"owner has {len(spec.owner)} characters, more than the {OWNER_LENGTH} that a stack's name has room for"
        )


def _check_wakes(spec: FunctionSpec) -> None:
    if spec.delivery.wakes and spec.delivery.order != "newest":
        raise SpecError(
            'delivery.wakes needs order = "newest" in [delivery]: a newer event of the subject cancels a wake'
        )


def _check_trigger(spec: FunctionSpec, root: Path) -> None:
    declared = [name for name in TRIGGERS if getattr(spec.trigger, name)]
    if len(declared) != 1:
        kinds = " or ".join(f"[trigger.{name}]" for name in TRIGGERS)
        found = " and ".join(f"[trigger.{name}]" for name in declared) or "none, or an empty one"
        raise SpecError(f"trigger: a function has one {kinds}, and here is {found}")
    if not spec.trigger.samples:
        raise SpecError("trigger.samples is empty: name at least one event in events/ that runs this function")
    for name in spec.trigger.samples:
        if not SAMPLE.fullmatch(name):
            raise SpecError(
                f"trigger.samples: '{name}' names no file below events/: write aws.s3/object_created.report"
            )
    if spec.trigger.iot:
        _check_topic(spec, spec.trigger.iot.topic, root)
    elif spec.trigger.http:
        for name in spec.trigger.samples:
            requests.check_sample(name, sample(name, root))
    else:
        _check_pattern(spec, root)


def _reads(spec: FunctionSpec, known: Contracts, root: Path) -> dict[str, tuple[int, ...]]:
    """Return the versions of each contract of ours that the samples of a function keep."""
    found: dict[str, set[int]] = {}
    for event in (sample(name, root) for name in spec.trigger.samples if spec.trigger.pattern):
        event_type = str(event.get("detail-type"))
        if event_type in known and isinstance(event.get("detail"), dict):
            found.setdefault(event_type, set()).add(contracts.version_of(event))
    return {event_type: tuple(sorted(versions)) for event_type, versions in found.items()}


def _check_topic(spec: FunctionSpec, wanted: str, root: Path) -> None:
    try:
        topic.check(wanted)
    except topic.TopicError as error:
        raise SpecError(f"trigger.iot.topic: {error}") from error
    for name in spec.trigger.samples:
        found = sample(name, root)
        device = topic.device_of(wanted, str(found.get("topic")))
        if device is None or device != found.get("device"):
            raise SpecError(
                f"trigger.samples: events/{name}.json has no 'topic' that '{wanted}' matches, or not its 'device'"
            )


def _check_pattern(spec: FunctionSpec, root: Path) -> None:
    try:
        pattern.check(spec.trigger.pattern)
        pattern.check_declared(spec.trigger.pattern)
    except pattern.PatternError as error:
        raise SpecError(f"trigger.pattern: {error}") from error
    if len(json.dumps(spec.trigger.pattern)) > PATTERN_LENGTH:
        raise SpecError(f"trigger.pattern has over {PATTERN_LENGTH:,} characters, the most EventBridge takes")
    for name in _placeholders(spec.trigger.pattern):
        unknown = resources.fault(name)
        if unknown:
            raise SpecError(f"trigger.pattern: ${{{name}}} {unknown}")
    for name in spec.trigger.samples:
        fault = pattern.mismatch(spec.trigger.pattern, sample(name, root))
        if fault:
            raise SpecError(f"trigger.samples: events/{name}.json does not match the pattern: {fault}")


def _check_access(spec: FunctionSpec, known: Contracts) -> None:
    for key, resource in spec.access.named():
        fault = resources.fault(resource.id)
        if fault:
            raise SpecError(f"access.{key}: '{resource}' {fault}")
    for event_type in spec.access.emit:
        if not EVENT_TYPE.fullmatch(event_type):
            raise SpecError(f"access.emit: '{event_type}' must be dotted lower-case words, such as report.published")
        if not contracts.newest(known, event_type):
            raise SpecError(
                f"access.emit: '{event_type}' has no contract: there is no events/{event_type}/1.schema.json"
            )


def _check_closes(spec: FunctionSpec) -> None:
    shortest = spec.access.in_environment("e").block_public
    for name, resolved in zip(spec.access.block_public, shortest, strict=True):
        unknown = next((each for each in _placeholders(name) if each != ENVIRONMENT), None)
        if unknown is not None:
            meant = did_you_mean(unknown, [ENVIRONMENT])
            raise SpecError(f"access.block_public: '{name}': ${{{unknown}}} is no placeholder here{meant}")
        if not BUCKETS.fullmatch(resolved):
            raise SpecError(
                f"access.block_public: '{name}' must be a bucket name, or its first three characters or more and *"
            )


def _check_settings(spec: FunctionSpec) -> None:
    for key, value in spec.settings.items():
        if not SNAKE_CASE.fullmatch(key):
            raise SpecError(f"settings.{key}: a setting is named in snake_case")
        plain = value if isinstance(value, list) else [value]
        if not all(isinstance(each, bool | int | float | str) for each in plain):
            raise SpecError(
                f"settings.{key} must be a number, a text, true or false, or a list of these, not {value!r}"
            )
    senders = json.dumps(requests.senders(spec.trigger.http)) if spec.trigger.http else ""
    types = ",".join((*spec.access.emit, *spec.versions_read))
    if len(json.dumps(spec.settings).encode()) + len(types) + len(senders) > SETTINGS_BYTES:
        named = "settings, access.emit and trigger.http.senders" if spec.trigger.http else "settings and access.emit"
        raise SpecError(f"{named} have over {SETTINGS_BYTES:,} bytes: Lambda's environment holds 4 KB in all")


def _placeholders(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _placeholders(each)
    elif isinstance(value, list):
        for each in value:
            yield from _placeholders(each)


def resolve(value: Any, names: dict[str, str]) -> Any:  # noqa: ANN401 - patterns and samples are JSON of any shape
    """Return a pattern or a sample with every `${resource}` replaced by its physical name."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda match: names[match[1]], value)
    if isinstance(value, dict):
        return {key: resolve(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [resolve(each, names) for each in value]
    return value
