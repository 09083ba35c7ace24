"""Reads from the ledger how runs ended: of one function, or of all functions with a pattern that matches an event."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import Any, Final, cast

from functions.runtime.core import clock
from functions.runtime.ledger import statements
from functions.runtime.ledger.rows import NewestRow, Rows, RunRow
from functions.runtime.ledger.run_key import RunKey
from functions.runtime.ledger.run_state import RunState, run_state
from functions.runtime.patterns import pattern
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.investigate.journal import Entry

PER_READ: Final = 50  # events
STUCK_AFTER: Final = timedelta(hours=1)
MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The state of a run, and its decision; None: it has no row."""

    state: RunState
    decision: str | None


def outcomes(deployment: Deployment, keys: Sequence[RunKey], stuck_after: timedelta) -> list[Outcome]:
    """Return the outcome of each run; one BatchGetItem reads the rows of 50 runs."""
    unique = {(key.subject, sk) for key in keys for sk in (key.sk, key.newest_sk)}
    client, table = deployment.client("dynamodb"), deployment.outputs["Ledger"]
    found = statements.get(client, table, [{"pk": pk, "sk": sk} for pk, sk in unique])
    result = []
    for key in keys:
        run = cast("RunRow | None", found.get((key.subject, key.sk)))
        newest = cast("NewestRow | None", found.get((key.subject, key.newest_sk)))
        state = run_state(key, Rows(run=run, newest=newest), clock.now_ms(), stuck_after // MILLISECOND)
        result.append(Outcome(state=state, decision=run["decision"] if run else None))
    return result


def with_outcomes(deployment: Deployment, entries: Iterable[Entry]) -> Iterator[tuple[Entry, dict[str, Outcome]]]:
    """Yield each event with the outcomes of the functions with a pattern that matches it; replays are not included."""
    specs = [deployment.specs[name] for name in sorted(deployment.specs.keys() & deployment.queues)]
    patterns = {spec.name: functions.resolved_pattern(deployment, spec) for spec in specs if spec.trigger.pattern}
    for group in batched(entries, PER_READ, strict=False):
        keys = [_keys(deployment, patterns, entry) for entry in group]
        found = iter(outcomes(deployment, [key for each in keys for key in each.values()], STUCK_AFTER))
        for entry, each in zip(group, keys, strict=True):
            yield entry, {name: next(found) for name in each}


def _keys(deployment: Deployment, patterns: Mapping[str, Mapping[str, Any]], entry: Entry) -> dict[str, RunKey]:
    """Return the key of the run of each function that receives an event."""
    return {
        name: RunKey.of(entry.event, deployment.specs[name].first_name)
        for name, wanted in patterns.items()
        if pattern.matches(wanted, entry.envelope)
    }
