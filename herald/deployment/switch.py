"""Pauses and resumes functions: disables and enables the event source mappings between their queues and Lambda."""

from collections.abc import Mapping
from typing import Any

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError


def paused(deployment: Deployment) -> list[str]:
    """Return the functions that do not receive the messages of their queues."""
    return sorted(name for name, enabled in _mappings(deployment).items() if not enabled)


def running(deployment: Deployment) -> list[str]:
    """Return the functions that receive the messages of their queues; a retained queue has no event source mapping."""
    return sorted(name for name, enabled in _mappings(deployment).items() if enabled)


def pause(deployment: Deployment, function: str) -> None:
    """Let events wait in the queue of a function; invocations that have started end normally."""
    _enable(deployment, function, enabled=False)


def resume(deployment: Deployment, function: str) -> None:
    """Let a paused function receive the messages of its queue again."""
    _enable(deployment, function, enabled=True)


def _enable(deployment: Deployment, function: str, *, enabled: bool) -> None:
    client = deployment.client("lambda")
    name = functions.lambda_name(deployment, functions.find(deployment, function).name)
    mappings = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    if not mappings:
        raise CommandError(f"{name} has no event source mapping")
    for mapping in mappings:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)


def _mappings(deployment: Deployment) -> dict[str, bool]:
    """Return for each function with a queue and an event source mapping whether the mapping is enabled."""
    pages = deployment.client("lambda").get_paginator("list_event_source_mappings").paginate()
    mappings = [mapping for page in pages for mapping in page["EventSourceMappings"]]
    states = {_lambda_of(mapping): mapping["State"] for mapping in mappings}
    names = {function: functions.lambda_name(deployment, function) for function in deployment.queues}
    return {each: states[name] not in {"Disabled", "Disabling"} for each, name in names.items() if name in states}


def _lambda_of(mapping: Mapping[str, Any]) -> str:
    """Return the function name in the ARN of an event source mapping; the ARN may end in a version."""
    name: str = mapping["FunctionArn"].split(":")[6]
    return name
