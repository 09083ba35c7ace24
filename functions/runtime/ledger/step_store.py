"""The store of steps: parts of a run that `@idempotent_function` of Powertools runs once.

The rows of steps are in the ledger's table, apart from the rows of runs.
"""

from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig

from functions.runtime.core import aws
from functions.runtime.core.settings import settings

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class StepStore(DynamoDBPersistenceLayer):
    """A persistence layer of Powertools for the steps of one function."""

    def __init__(self, table: str, client: "DynamoDBClient", function: str) -> None:
        """Use the table with that name; `function` is the first name of the function."""
        super().__init__(table, key_attr="pk", sort_key_attr="sk", boto3_client=client)
        self._function = function

    def _get_key(self, idempotency_key: str) -> dict[str, dict[str, str]]:
        """Return the key of a step's row; Powertools would put all steps of a function under one partition key."""
        return {"pk": {"S": f"step/{idempotency_key}"}, "sk": {"S": self._function}}


@cache
def step_store(_config: IdempotencyConfig) -> StepStore:
    """Return the store for steps with this configuration.

    A persistence layer of Powertools keeps the first configuration it is given, so each configuration needs a store of
    its own. Pass the same configuration to `@idempotent_function`.
    """
    here = settings()
    return StepStore(here.ledger, aws.dynamodb(), here.first_name)
