"""The answer of `herald local status`: the endpoint and the physical name of every resource."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from herald.deployment import functions, switch
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from infra.declarations.spec import FunctionSpec


def describe(deployment: Deployment) -> dict[str, Any]:
    """Return the names that an operator needs, as `herald local status --json` prints them."""
    outputs, specs = deployment.outputs, deployment.specs.values()
    return {
        "endpoint": deployment.endpoint,
        "region": deployment.session.region_name,
        "environment": deployment.environment,
        "buckets": _named(deployment, "bucket") | {"journal": outputs["BucketJournal"]},
        "bus": outputs["Bus"],
        "ledger": outputs["Ledger"],
        "queues": deployment.queues,
        "paused": switch.paused(deployment),
        "endpoints": _deployed(deployment, functions.url, [each for each in specs if not each.queued]),
        "undelivered": outputs["Undelivered"],
        "topics": _named(deployment, "topic"),
        "secrets": _named(deployment, "secret"),
        "own_secrets": _deployed(deployment, functions.own_secret, [each for each in specs if each.has_own_secret]),
    }


def _named(deployment: Deployment, kind: str) -> dict[str, str]:
    start = f"{kind}."
    return {name.removeprefix(start): value for name, value in deployment.names.items() if name.startswith(start)}


def _deployed(
    deployment: Deployment, find: Callable[[Deployment, FunctionSpec], str], specs: Iterable[FunctionSpec]
) -> dict[str, str]:
    """Return the result of `find` for each function; functions that are declared but not deployed are left out."""
    found = {}
    for spec in specs:
        with suppress(CommandError):
            found[spec.name] = find(deployment, spec)
    return found
