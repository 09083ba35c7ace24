"""function.toml as frozen dataclasses: fields are keys, and defaults and rules are those of the keys.

The text below a field describes its key, also in functions/function.schema.json.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from infra.declarations.field_rules import SpecError, key
from infra.declarations.naming import DESCRIPTION, EMITTED, FUNCTION_NAME, OWN, OWNER, SAMPLE, SUBJECT, is_aws
from infra.declarations.objectives.objectives import Objectives
from infra.declarations.resource_names import OWN_SECRET, Resource
from infra.declarations.tables.logging_spec import LoggingSpec

__all__ = [
    "OWN",
    "OWN_SECRET",
    "Access",
    "DeliverySpec",
    "FunctionSpec",
    "HttpTrigger",
    "IotTrigger",
    "LoggingSpec",
    "Objectives",
    "Resource",
    "SenderSpec",
    "SpecError",
    "Trigger",
]

ENVIRONMENT: Final = "env"  # the placeholder for the environment's name in `block_public`


@dataclass(frozen=True, slots=True, kw_only=True)
class IotTrigger:
    """Runs the function on MQTT messages whose topics match a filter."""

    topic: str
    """The MQTT topic filter, such as devices/+/readings; its + is the level that names the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSpec:
    """The events that one sender of signed requests may cause; the secret lists its keys under its name."""

    types: tuple[str, ...]
    """Event types that the sender's requests may become; access.emit must contain each."""
    subjects: tuple[str, ...] = key((), text=SUBJECT)
    """Subjects that no other sender may use: whole subjects, or prefixes and a *, such as customer/cus_*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTrigger:
    """Runs the function on requests to a Function URL."""

    max_concurrency: int = key(10, minimum=1, maximum=1_000)
    """The number of requests that run at the same time; further requests get status 429."""
    max_body_kb: int = key(256, minimum=1, maximum=4_096)  # "Lambda quotas": 6 MB, and Base64 adds a third
    """The maximum size of a request's body in KB."""
    senders: Mapping[str, SenderSpec] = key(default_factory=dict, names="sender")
    """The senders that may sign requests, and the events that each sender's requests may become."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What runs the function: an EventBridge pattern, MQTT messages or HTTPS requests. `pattern` is {} without one."""

    samples: tuple[str, ...] = key(text=SAMPLE, min_items=1)
    """Matching events in events/, such as aws.s3/object_created.report; tests run the function with them."""
    pattern: Mapping[str, Any] = field(default_factory=dict)
    """An EventBridge event pattern; ${bucket.<name>} becomes the physical name of a bucket."""
    iot: IotTrigger | None = None
    """MQTT messages of devices, instead of a pattern."""
    http: HttpTrigger | None = None
    """Requests to a Function URL, instead of a pattern."""

    @property
    def asked(self) -> Mapping[str, Any]:
        """The trigger in the form of a pattern, for display."""
        if self.http:
            return {"method": ["POST"]}
        return {"topic": [self.iot.topic]} if self.iot else self.pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySpec:
    """How the function receives its events; the limits are those of Lambda's event source mapping for SQS."""

    max_attempts: int = key(5, minimum=1, maximum=100)
    """The number of attempts for an event before it goes to the dead-letter queue."""
    backoff_base_seconds: int = key(2, minimum=1, maximum=3_600)
    """The delay before the second attempt; it doubles with every attempt, with full jitter."""
    backoff_cap_seconds: int = key(900, minimum=1, maximum=3_600)
    """The maximum delay between attempts."""
    max_concurrency: int = key(10, minimum=2, maximum=1000, also=0)
    """The maximum number of concurrent invocations; 0 sets no limit and polls an empty queue at lower cost."""
    batch_size: int = key(10, minimum=1, maximum=10)
    """The maximum number of events in one invocation."""
    max_age_seconds: int = key(0, minimum=0, maximum=14 * 86_400)
    """Older events are late and go to the dead-letter queue; 0 accepts any age."""
    fair: bool = False
    """While the queue has a backlog, messages of a subject that sends more than half of all are delayed once."""
    order: str = key("none", choices=("none", "newest"))
    """With "newest", an older event of a subject does not run after a newer event."""
    wakes: bool = False
    """Allows run.wake, which runs the function again later for the same subject; requires order = "newest"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The resources and event types that the function's role may use."""

    read: tuple[Resource, ...] = key((), kinds=("bucket", "table"))
    """Objects and items that the function may read: bucket.<name>/<prefix>* and table.<name>."""
    write: tuple[Resource, ...] = key((), kinds=("bucket", "table"))
    """Objects and items that the function may write: bucket.<name>/<prefix>* and table.<name>."""
    publish: tuple[Resource, ...] = key((), kinds=("topic",))
    """SNS topics that the function may publish notices to: topic.<name>."""
    send: tuple[Resource, ...] = key((), kinds=("queue",))
    """SQS queues that the function may send messages to: queue.<name>."""
    emit: tuple[str, ...] = key((), text=EMITTED)
    """Event types that the function may emit; each needs a contract, events/<type>/1.schema.json."""
    block_public: tuple[str, ...] = ()
    """Buckets whose public access the function may block, also outside the platform: names, or prefixes and a *;
    ${env} becomes the name of the environment."""

    def named(self) -> Iterator[tuple[str, Resource]]:
        """Yield the key and the resource of each reference."""
        for name in ("read", "write", "publish", "send"):
            for resource in getattr(self, name):
                yield name, resource

    def in_environment(self, name: str) -> Self:
        """Return a copy with `${env}` replaced by an environment's name."""
        placeholder = f"${{{ENVIRONMENT}}}"
        return replace(self, block_public=tuple(each.replace(placeholder, name) for each in self.block_public))


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One function; `name` is its folder, and `reads` are the contract versions that its samples satisfy, by type."""

    name: str = key(is_key=False)
    reads: Mapping[str, tuple[int, ...]] = key(default_factory=dict, is_key=False)
    description: str = key(text=DESCRIPTION)
    """What the function does, in one sentence of at most 256 characters."""
    owner: str = key(text=OWNER)
    """The team: lowercase words joined by '-', at most 64 characters. Its functions are one CloudFormation stack."""
    formerly: tuple[str, ...] = key((), text=FUNCTION_NAME, unique_items=True)
    """Earlier names of the folder, oldest first; the keys of the function's runs keep the first name."""
    trigger: Trigger
    """The events that run the function."""
    delivery: DeliverySpec = field(default_factory=DeliverySpec)
    """How the function receives its events."""
    objectives: Objectives = field(default_factory=Objectives)
    """What the owner promises: how soon events start, how many runs succeed, how often a run is expected."""
    logging: LoggingSpec = field(default_factory=LoggingSpec)
    """The lines that the function logs."""
    access: Access = field(default_factory=Access)
    """The resources that the function may use; it has no other access."""
    settings: Mapping[str, Any] = key(default_factory=dict, names="setting")
    """Values for run.settings by name: numbers, texts, true or false, and lists of these."""
    secrets: Mapping[str, Resource] = key(default_factory=dict, names="secret", kinds=("secret",))
    """Secrets that the function reads, by a name of its own: secret.<name>, or secret.own, created for it alone."""
    timeout_seconds: int = key(30, minimum=1, maximum=900)
    """The maximum duration of one invocation."""
    memory_mb: int = key(512, minimum=192, maximum=10_240)
    """The memory of one invocation; the minimum is enough to parse one message of 1 MiB. CPU grows with memory."""

    @property
    def first_name(self) -> str:
        """The oldest name of the function, which the keys of its runs contain."""
        return self.formerly[0] if self.formerly else self.name

    @property
    def versions_read(self) -> tuple[str, ...]:
        """The contract versions that it reads, as in its environment: customer.created/1, customer.created/2."""
        return tuple(f"{event_type}/{version}" for event_type, each in self.reads.items() for version in each)

    @property
    def source(self) -> str:
        """The source of its events; it keeps the first name, because consumers identify events by source and id."""
        return OWN + self.first_name

    @property
    def has_own_secret(self) -> bool:
        """Whether its stack creates a secret that no other function may read."""
        return OWN_SECRET in self.secrets.values()

    @property
    def queued(self) -> bool:
        """Whether its events wait in a queue; the senders of HTTPS requests wait for the answer instead."""
        return self.trigger.http is None

    @property
    def buses(self) -> tuple[str, ...]:
        """The buses of its rules: `default` for sources that begin with aws., `herald` for all others; () for none."""
        if not self.trigger.pattern:
            return ()
        aws = [is_aws(_text_of(source)) for source in self.trigger.pattern.get("source", [""])]
        return ("default",) * any(aws) + ("herald",) * (not all(aws))


def _text_of(source: object) -> object:
    """Return the text that decides the bus of one alternative of a pattern's source."""
    operators = ("exactly", "prefix", "equals-ignore-case", "wildcard")
    if not isinstance(source, Mapping):
        return source
    return next((source[name] for name in operators if source.get(name)), None)
