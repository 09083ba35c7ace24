"""What a function.toml declares, as frozen dataclasses; their fields are its keys, their defaults its defaults.

The text below a field describes its key, in functions/function.schema.json too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

SNAKE_CASE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")  # of what becomes a variable or a module
KINDS: Final = ("bucket", "table", "topic", "queue", "secret")
ENVIRONMENT: Final = "env"  # the placeholder of the environment's name in `block_public`
OWN: Final = "herald."  # what the sources of functions begin with; the grant to emit lets nobody else use them
RESOURCE: Final = re.compile(
    rf"(?P<kind>{'|'.join(KINDS)})\.(?P<name>[a-z][a-z0-9_]*)(?:/(?P<path>[^*]*\*?))?", re.DOTALL
)


class SpecError(ValueError):
    """A declaration that cannot be; the message names the file, the key and what is wrong."""


def bounded(default: int, least: int, most: int, *, also: int | None = None) -> Any:  # noqa: ANN401 - as dataclasses.field, which it wraps
    """Declare a whole number with its default and its bounds, both inclusive; `also` is allowed outside of them."""
    return field(default=default, metadata={"least": least, "most": most, "also": also})


def one_of(default: str, *others: str) -> Any:  # noqa: ANN401 - as above
    """Declare a text that is one of a few, the first of them by default."""
    return field(default=default, metadata={"one_of": (default, *others)})


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of infra/resources.toml as a declaration names it: `bucket.outputs/reports/*` or `topic.notices`."""

    kind: str
    name: str
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference; SpecError says what is wrong with it."""
        match = RESOURCE.fullmatch(text)
        if not match:
            raise SpecError(
                f"{text!r} is not a resource: write bucket.<name>/<prefix>* or {'.<name>, '.join(KINDS[1:])}.<name>"
            )
        resource = cls(match["kind"], match["name"], match["path"] or "")
        if (resource.kind == "bucket") != bool(resource.path):
            raise SpecError(f"{text!r}: a bucket needs a path (bucket.{resource.name}/<prefix>*), nothing else has one")
        return resource

    @property
    def id(self) -> str:
        """The resource without its path."""
        return f"{self.kind}.{self.name}"

    def __str__(self) -> str:
        """Return it as a declaration writes it."""
        return f"{self.id}/{self.path}" if self.path else self.id


OWN_SECRET: Final = Resource("secret", "own")  # the one that a function's stack makes for it alone


@dataclass(frozen=True, slots=True, kw_only=True)
class IotTrigger:
    """Which MQTT messages run the function: those on topics that a filter matches; its `+` names the device."""

    topic: str
    """The filter of MQTT topics, such as devices/+/readings; its + names the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSpec:
    """What one sender of signed requests may say; its keys are the list under its name in the secret."""

    types: tuple[str, ...]
    """Event types that its requests may become; each is in access.emit."""
    subjects: tuple[str, ...] = ()
    """Subjects that no other sender may name: whole ones, or beginnings and a *, such as customer/cus_*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTrigger:
    """A Function URL: how many requests are worked on at once (others get 429), how large a body may be, who sends.

    Lambda hands over 6 MB at most, and a body in base64 is a third larger.
    """

    max_concurrency: int = bounded(10, 1, 1_000)
    """How many requests are worked on at once; others are answered 429."""
    max_body_kb: int = bounded(256, 1, 4_096)
    """How large the body of a request may be."""
    senders: Mapping[str, SenderSpec] = field(default_factory=dict)
    """Who may sign requests, and which events each sender's requests may become."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What runs the function: events that match an EventBridge pattern, or another kind; and samples of it in events/.

    The pattern is empty where another kind is declared.
    """

    samples: tuple[str, ...]
    """Events in events/ that match, such as aws.s3/object_created.report; tests hand them to the function."""
    pattern: Mapping[str, Any] = field(default_factory=dict)
    """An EventBridge event pattern; ${bucket.<name>} stands for the name of a bucket."""
    iot: IotTrigger | None = None
    """Messages of devices, instead of a pattern."""
    http: HttpTrigger | None = None
    """Requests to a Function URL, instead of a pattern."""

    @property
    def asked(self) -> Mapping[str, Any]:
        """What it asks of an event, as people are shown it: the pattern, or the fields of another kind in its form."""
        if self.http:
            return {"method": ["POST"]}
        return {"topic": [self.iot.topic]} if self.iot else self.pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySpec:
    """How its events are handed to it; the bounds are those of Lambda's event source mapping for SQS.

    `order` is "newest" where an event must not act after a later one of its subject; `max_age_seconds` is 0 where any
    age will do; backoff doubles from its base to its cap, which SQS bounds at twelve hours. `max_concurrency` is 0
    where the account's concurrency alone limits the function. With `wakes` it may send messages to its own queue.
    """

    max_attempts: int = bounded(5, 1, 100)
    """How often an event is tried; then it goes to the dead-letter queue."""
    backoff_base_seconds: int = bounded(2, 1, 3_600)
    """The pause before the second attempt; it doubles with every attempt, with full jitter."""
    backoff_cap_seconds: int = bounded(900, 1, 3_600)
    """The longest pause."""
    max_concurrency: int = bounded(10, 2, 1000, also=0)
    """How many invocations may run at once; 0 sets no limit, and costs less while the queue is empty."""
    batch_size: int = bounded(10, 1, 10)
    """How many events one invocation is handed at most."""
    max_age_seconds: int = bounded(0, 0, 14 * 86_400)
    """What is older goes to the dead-letter queue; 0 takes any age."""
    fair: bool = False
    """Messages of a subject that sends more than half of all wait for the others', once, while the queue is behind."""
    order: str = one_of("none", "newest")
    """With "newest" no older event of a subject acts after a newer one."""
    wakes: bool = False
    """Its runs may ask that it runs again for their subject later (run.wake); needs order = "newest"."""


def of_kinds(*kinds: str) -> Any:  # noqa: ANN401 - as above
    """Declare a list of resources of some kinds, empty by default."""
    return field(default=(), metadata={"kinds": kinds})


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What it may touch: objects and items to read and to write, topics and queues to send to, event types to emit.

    `block_public` are buckets, not only the platform's, that it may close to the public: names, or beginnings and a
    `*`, in
    which `${env}` stands for the name of the environment.
    """

    read: tuple[Resource, ...] = of_kinds("bucket", "table")
    """Objects and items it may read: bucket.<name>/<prefix>* and table.<name>."""
    write: tuple[Resource, ...] = of_kinds("bucket", "table")
    """Objects and items it may write: bucket.<name>/<prefix>* and table.<name>."""
    publish: tuple[Resource, ...] = of_kinds("topic")
    """Topics it may publish notices to: topic.<name>."""
    send: tuple[Resource, ...] = of_kinds("queue")
    """Queues it may send messages to: queue.<name>."""
    emit: tuple[str, ...] = ()
    """Event types it may emit; each has a contract, events/<type>/1.schema.json."""
    block_public: tuple[str, ...] = ()
    """Buckets it may close to the public, not only the platform's: names, or beginnings and a *; ${env} stands for the
    name of the environment."""

    def named(self) -> Iterator[tuple[str, Resource]]:
        """Yield every resource it names, with its key."""
        for key in ("read", "write", "publish", "send"):
            for resource in getattr(self, key):
                yield key, resource

    def in_environment(self, name: str) -> Self:
        """Return it with the environment's name in the place of `${env}`."""
        return replace(
            self, block_public=tuple(each.replace(f"${{{ENVIRONMENT}}}", name) for each in self.block_public)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One function; `name` is its folder.

    `reads` are the versions of each contract of ours that its samples keep: no key says them, for its tests show them.
    """

    name: str
    reads: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    description: str
    """What it does, in one sentence of at most 256 characters."""
    owner: str
    """The team: lower-case words joined by '-', at most 64 characters. Its functions are one CloudFormation stack."""
    formerly: tuple[str, ...] = ()
    """Names that the folder had before, the first one first: the keys of its runs stay what they were."""
    trigger: Trigger
    """Which events run it."""
    delivery: DeliverySpec = field(default_factory=DeliverySpec)
    """How its events are handed to it."""
    access: Access = field(default_factory=Access)
    """What it may touch; there is no other access."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What its handler reads with run.settings: numbers, texts, true or false, and lists of these, by their names."""
    secrets: Mapping[str, Resource] = field(default_factory=dict)
    """Secrets that it reads, by the names it gives them: secret.<name>, or secret.own, made for it alone."""
    timeout_seconds: int = bounded(30, 1, 900)
    """How long one invocation may take."""
    memory_mb: int = bounded(512, 192, 10_240)
    """The memory of one invocation, in which one message of 1 MiB can be parsed; its share of CPU grows with it."""

    @property
    def first_name(self) -> str:
        """The first name it ever had, by which the keys of its runs know it."""
        return self.formerly[0] if self.formerly else self.name

    @property
    def versions_read(self) -> tuple[str, ...]:
        """The versions it reads as a worker is told them: customer.created/1, customer.created/2."""
        return tuple(f"{event_type}/{version}" for event_type, each in self.reads.items() for version in each)

    @property
    def source(self) -> str:
        """The source of the events it emits; consumers know an event by source and id, so it has the first name."""
        return OWN + self.first_name

    @property
    def has_own_secret(self) -> bool:
        """Whether its stack makes a secret that no other function may read."""
        return OWN_SECRET in self.secrets.values()

    @property
    def queued(self) -> bool:
        """Whether what runs it waits in a queue; requests do not, their sender waits instead."""
        return self.trigger.http is None

    @property
    def buses(self) -> tuple[str, ...]:
        """The buses its rules stand on: `default` for sources that start with aws., `herald` for all others.

        None where it has no pattern.
        """
        if not self.trigger.pattern:
            return ()
        sources = self.trigger.pattern.get("source", [""])
        aws = [_starts_with_aws(source) for source in sources]
        return ("default",) * any(aws) + ("herald",) * (not all(aws))


def _starts_with_aws(source: object) -> bool:
    if isinstance(source, Mapping):
        source = (
            source.get("exactly") or source.get("prefix") or source.get("equals-ignore-case") or source.get("wildcard")
        )
    return isinstance(source, str) and source.startswith("aws.")
