"""Steps: actions that Powertools runs once for each key, and not again in a later attempt.

A step runs first and is written after. If the worker crashes in between, the step runs again.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core.settings import settings
from functions.runtime.ledger.step_store import step_store


def run_once[T](
    action: Callable[..., T], request: Mapping[str, Any], *, name: str, key: str, context: LambdaContext
) -> T:
    """Call an action with `request=`, or return the result of its first call with the same key.

    `key` is the JMESPath expression of the key in the request; `name` separates the keys of different actions.
    """
    config = _config(key, settings().keep_days)
    config.register_lambda_context(context)
    step = idempotent_function(
        action,
        data_keyword_argument="request",
        persistence_store=step_store(config),
        config=config,
        key_prefix=name,
    )
    result: T = step(request=dict(request))
    return result


@cache
def _config(key: str, keep_days: int) -> IdempotencyConfig:
    return IdempotencyConfig(
        event_key_jmespath=key,
        raise_on_no_idempotency_key=True,
        expires_after_seconds=keep_days * 86_400,
        hash_function="sha256",
    )
