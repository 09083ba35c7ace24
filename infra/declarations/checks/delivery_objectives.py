"""Checks [objectives] against the trigger and the delivery of the function."""

from infra.declarations.spec import FunctionSpec, SpecError


def check(spec: FunctionSpec) -> None:
    """Raise SpecError for an objective that the function's trigger or delivery makes impossible to measure."""
    if not spec.objectives.start_within:
        return
    if not spec.queued:
        raise SpecError("objectives.start_within: a function with [trigger.http] has no queue where events wait")
    if spec.delivery.wakes:
        raise SpecError(
            "objectives.start_within: with wakes = true, messages wait in the queue until they are due, and their age "
            "would exceed any limit"
        )
