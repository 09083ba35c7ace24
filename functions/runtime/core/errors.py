"""The errors of a run. The class of an error decides whether the run is retried."""


class HeraldError(Exception):
    """Base class of all errors that the runtime raises."""


class Permanent(HeraldError):  # noqa: N818 - handlers raise it by this name, as Herald's documentation shows it
    """No further attempt can succeed. The run is rejected, and its message goes to the dead-letter queue.

    The text is logged and stored as the reason, so it must not quote the payload.
    """


class Transient(HeraldError):  # noqa: N818 - handlers raise it by this name, as Herald's documentation shows it
    """A later attempt may succeed. Any error that is not Permanent is treated the same way.

    The text is logged and stored as the reason, so it must not quote the payload.
    """


class MalformedError(Permanent):
    """The content of an event, an object or a request is malformed: `path` names the place, `fault` the problem.

    The message joins them: path "detail.userIdentity" and fault "is missing". A run is rejected; a request is
    answered 400.
    """

    def __init__(self, path: str, fault: str) -> None:
        """Name the place and the problem. The path is the subject of the sentence, and the fault is the rest."""
        super().__init__(f"{path} {fault}")
        self.path = path
        self.fault = fault


class EnvelopeError(MalformedError):
    """The message is not an event: it is not JSON, its envelope is unknown, or a field is missing or malformed."""


class ContractError(Permanent):
    """The data breaks the contract of its type. The message names the field and the rule, and never a value."""


class UndeclaredError(HeraldError):
    """The function emits a type that its declaration does not list. The message names the declared types.

    The run is retried: during a deployment, new code can run with the old declaration for a short time.
    """


class KeyReusedError(HeraldError):
    """An idempotency key was used before with other content."""


class SettingsError(HeraldError):
    """An environment variable is missing or invalid. The deployment sets it; the message names it."""


class TimeLimitError(Transient):
    """The run took longer than its share of the invocation's time."""
