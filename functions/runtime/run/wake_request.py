"""The wake that a run asks for."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from functions.runtime.core import wakes
from functions.runtime.core.errors import SettingsError
from functions.runtime.core.event import Event
from functions.runtime.core.lineage import Lineage
from functions.runtime.core.settings import queue_settings
from functions.runtime.ledger.claims import Claim


def wake_request(event: Event, claim: Claim, lineage: Lineage, after: timedelta, data: Mapping[str, Any]) -> wakes.Wake:
    """Return the wake for the subject of an event; a wake of a replayed event belongs to the same replay.

    SettingsError if [delivery] has no `wakes = true`; Permanent if the wait or the data is over the limit.
    """
    if not queue_settings().wakes:
        raise SettingsError("run.wake needs wakes = true in [delivery] of function.toml")
    request = claim.request
    wake = wakes.ask(event, after=after, data=data, run=claim.key.digest, holder=request.holder, lineage=lineage)
    if not request.replay:
        return wake
    return replace(wake, carried=json.dumps({"replay": request.replay, "anew": request.key.replay is not None}))
