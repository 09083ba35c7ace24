"""The errors of a run; which class an error has decides whether the run is tried again."""


class HeraldError(Exception):
    """Base of everything the runtime raises."""


class Permanent(HeraldError):  # noqa: N818 - a word of the house: handlers raise it by this name
    """No further attempt can succeed: the run is rejected and its message goes to the dead-letter queue."""


class Transient(HeraldError):  # noqa: N818 - a word of the house: handlers raise it by this name
    """A later attempt may succeed; any error that is not Permanent is treated the same way."""


class EnvelopeError(Permanent):
    """The message is not an event: no JSON, an unknown envelope, or a field missing or of the wrong kind."""


class SettingsError(HeraldError):
    """The environment lacks what the deployment should have put there; the message names the variable."""


class BusyError(HeraldError):
    """Another worker holds the run and its lease has not ended.

    `lease_end` is that end in milliseconds since the epoch.
    """

    def __init__(self, holder: str, lease_end: int) -> None:
        """Name the holder, so that a log line tells who works on the run."""
        super().__init__(f"held by {holder}")
        self.lease_end = lease_end


class LostClaimError(HeraldError):
    """The claim was taken over by another worker before it was settled; the other one decides."""
