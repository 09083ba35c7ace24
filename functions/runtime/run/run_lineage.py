"""The lineage of a run and of its effects."""

from collections.abc import Mapping

from functions.runtime.core import telemetry
from functions.runtime.core.event import Event
from functions.runtime.core.lineage import Cause, Lineage, from_metadata
from functions.runtime.core.settings import settings
from functions.runtime.run import objects


class RunLineage:
    """The lineage of one run: the event's, or the one in the metadata of the event's object if a run wrote it.

    S3 events carry no lineage. `version` is the version of the object, None if it is not known.
    """

    def __init__(self, event: Event) -> None:
        """Start with the lineage and the version of the event."""
        self.lineage = event.lineage
        self.version = event.object.version_id if event.object else None
        self._event = event
        self._is_complete = event.object is None

    def read_object(self, version: str | None, metadata: Mapping[str, str]) -> None:
        """Take the version and the lineage of the event's object; Permanent if the chain is too deep."""
        self.version = self.version or version
        self._is_complete = True
        self.lineage = from_metadata(metadata) or self.lineage
        telemetry.logger().append_keys(
            **self.lineage.log_keys
        )  # for the rest of the run: batch/attempt.py removes them
        self.lineage.check_depth()

    def of_effects(self) -> Lineage:
        """Return the lineage of the run's effects; it asks S3 for the object's metadata if the run did not read it."""
        if not self._is_complete and self._event.object:
            head = objects.head(self._event.object.bucket, self._event.object.key, self.version)
            self.read_object(None, head["Metadata"] if head else {})
        function = settings().function
        return Lineage(
            correlation_id=self.lineage.correlation_id,
            cause=Cause(subject=self._event.subject, function=function, event_id=self._event.id),
            depth=self.lineage.depth + 1,
            path=(*self.lineage.path, function),
        )
