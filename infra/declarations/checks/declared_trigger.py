"""Checks [trigger]: a function has exactly one kind of trigger, and every sample matches it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from functions.runtime.patterns import pattern
from infra.declarations import requests, resources, topic
from infra.declarations.resource_names import placeholders
from infra.declarations.spec import FunctionSpec, IotTrigger, SpecError

KINDS: Final = ("pattern", "iot", "http")
PATTERN_LENGTH: Final = 2_048  # "Amazon EventBridge quotas": event pattern size

type Samples = Mapping[str, Mapping[str, Any]]


def check(spec: FunctionSpec, samples: Samples) -> None:
    """Raise SpecError for the first fault in [trigger]."""
    declared = [name for name in KINDS if getattr(spec.trigger, name)]
    if len(declared) != 1:
        kinds = ", ".join(f"[trigger.{name}]" for name in KINDS)
        found = " and ".join(f"[trigger.{name}]" for name in declared) or "none, or an empty pattern"
        raise SpecError(f"trigger needs exactly one of {kinds}; it has {found}")
    if spec.trigger.iot:
        _check_topic(spec.trigger.iot, samples)
    elif spec.trigger.http:
        _check_requests(samples)
    else:
        _check_pattern(spec.trigger.pattern, samples)


def _check_topic(trigger: IotTrigger, samples: Samples) -> None:
    try:
        topic.check(trigger.topic)
    except topic.TopicError as error:
        raise SpecError(f"trigger.iot.topic: {error}") from error
    for name, sample in samples.items():
        device = topic.device_of(trigger.topic, str(sample.get("topic")))
        if device is None:
            raise SpecError(f"trigger.samples: the topic of events/{name}.json does not match '{trigger.topic}'")
        if device != sample.get("device"):
            raise SpecError(f"trigger.samples: events/{name}.json must have 'device' = '{device}', as in its topic")


def _check_requests(samples: Samples) -> None:
    for name, sample in samples.items():
        if not requests.is_request(sample):
            needed = ", ".join(sorted(requests.REQUEST_KEYS))
            raise SpecError(f"trigger.samples: events/{name}.json is not a Function URL request; it needs {needed}")


def _check_pattern(wanted: Mapping[str, Any], samples: Samples) -> None:
    try:
        pattern.check(wanted)
        pattern.check_declared(wanted)
    except pattern.PatternError as error:
        raise SpecError(f"trigger.pattern: {error}") from error
    if len(json.dumps(wanted)) > PATTERN_LENGTH:
        raise SpecError(f"trigger.pattern has more than {PATTERN_LENGTH:,} characters, the limit of EventBridge")
    for name in placeholders(wanted):
        unknown = resources.fault(name)
        if unknown:
            raise SpecError(f"trigger.pattern: ${{{name}}} {unknown}")
    for name, sample in samples.items():
        fault = pattern.mismatch(wanted, sample)
        if fault:
            raise SpecError(f"trigger.samples: events/{name}.json does not match the pattern: {fault}")
