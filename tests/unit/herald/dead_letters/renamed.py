"""A deployment with a function that was renamed twice."""

import json
from dataclasses import asdict
from typing import Any, Final

from functions.runtime.batch.carried import ATTRIBUTE
from functions.runtime.batch.dead_letters import DeadLetter
from herald.deployment.deployment import Deployment
from infra.declarations.spec import FunctionSpec, Trigger

SPEC: Final = FunctionSpec(
    name="new",
    description="d",
    owner="o",
    formerly=("first", "old"),
    trigger=Trigger(samples=("s",), pattern={"source": ["shop"]}),
)
REJECTED: Final = DeadLetter(
    reason="no", error=None, function="old", attempts=1, correlation_id=None, generation=0, first_at=1, last_at=1
)
DEAD_LETTER: Final = {ATTRIBUTE: {"DataType": "String", "StringValue": json.dumps(asdict(REJECTED))}}


def deployed(client: Any) -> Deployment:  # noqa: ANN401 - the client of any service
    """Return the environment dev with the renamed function; all calls go to the client."""
    session: Any = None
    made = Deployment(session, "dev", _clients={"sqs": client, "dynamodb": client})
    made.__dict__.update(specs={"new": SPEC}, outputs={"Ledger": "ledger"})
    return made
