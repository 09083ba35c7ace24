"""The errors of a run; which class an error has decides whether the run is tried again."""


class HeraldError(Exception):
    """Base of everything the runtime raises."""


class Permanent(HeraldError):  # noqa: N818 - a word of the house: handlers raise it by this name
    """No further attempt can succeed: the run is rejected and its message goes to the dead-letter queue."""


class Transient(HeraldError):  # noqa: N818 - a word of the house: handlers raise it by this name
    """A later attempt may succeed; any error that is not Permanent is treated the same way."""


class EnvelopeError(Permanent):
    """The message is not an event: no JSON, an unknown envelope, or a field missing or of the wrong kind."""


class ContractError(Permanent):
    """The data breaks the contract of its type; the message names the field and the rule, and no value."""


class UndeclaredError(HeraldError):
    """The function emits a type that its declaration does not name; the message lists those it does.

    The run is tried again: while a deployment is under way, the code of one version has the declaration of another.
    """


class KeyReusedError(HeraldError):
    """What came under a key is not what was put under it before."""


class SettingsError(HeraldError):
    """The environment lacks what the deployment should have put there; the message names the variable."""


class TimeLimitError(Transient):
    """The run took longer than its share of the invocation's time."""
