"""The names of a function's environment variables: infra/constructs writes them, the runtime reads them."""

from typing import Final

FUNCTION: Final = "HERALD_FUNCTION"  # the name of the function
ENVIRONMENT: Final = "HERALD_ENVIRONMENT"  # the name of the environment
FIRST_NAME: Final = "HERALD_FIRST_NAME"  # its first name; set only if the function was renamed
LEDGER: Final = "HERALD_LEDGER"  # the name of the table
BUS: Final = "HERALD_BUS"  # the name of the bus
ORDER: Final = "HERALD_ORDER"  # `order` of [delivery]
KEEP_DAYS: Final = "HERALD_KEEP_DAYS"  # days that a row of the ledger is kept after its last write
EMITS: Final = "HERALD_EMITS"  # event types that the function may emit, joined with commas
READS: Final = "HERALD_READS"  # contract versions that the function reads, such as order.placed/1, joined with commas
SETTINGS: Final = "HERALD_SETTINGS"  # [settings] as JSON
BLOCK_PUBLIC: Final = "HERALD_BLOCK_PUBLIC"  # `block_public` of [access], joined with commas

# Variables of Powertools. Source: "Environment variables", Powertools for AWS Lambda (Python).
LOG_LEVEL: Final = "POWERTOOLS_LOG_LEVEL"
LOG_SAMPLE_RATE: Final = "POWERTOOLS_LOGGER_SAMPLE_RATE"  # the share of invocations that log at level DEBUG

# Set only for a function with a queue.
QUEUE_URL: Final = "HERALD_QUEUE_URL"
DEAD_LETTER_URL: Final = "HERALD_DEAD_LETTER_URL"
DEAD_LETTER_BODIES: Final = "HERALD_DEAD_LETTER_BODIES"  # the bucket for bodies of dead letters
MAX_ATTEMPTS: Final = "HERALD_MAX_ATTEMPTS"
BASE_SECONDS: Final = "HERALD_BASE_SECONDS"  # the first backoff
CAP_SECONDS: Final = "HERALD_CAP_SECONDS"  # the longest backoff
MAX_AGE_SECONDS: Final = "HERALD_MAX_AGE_SECONDS"  # 0: no limit
FAIR: Final = "HERALD_FAIR"  # true or false
WAKES: Final = "HERALD_WAKES"  # true, or not set
MAX_CONCURRENCY: Final = "HERALD_MAX_CONCURRENCY"  # not set: no limit

# Set only for a function with a Function URL.
MAX_BODY_KB: Final = "HERALD_MAX_BODY_KB"
SENDERS: Final = "HERALD_SENDERS"  # [trigger.http.senders] as JSON


def resource(kind: str, name: str) -> str:
    """Return the variable with the address of a resource, such as HERALD_BUCKET_OUTPUTS for the bucket `outputs`."""
    return f"HERALD_{kind}_{name}".upper()
