"""Checks [trigger.http.senders] against access.emit, and the senders' reserved subjects against each other."""

from collections.abc import Mapping
from itertools import combinations

from functions.runtime.core.suggestions import did_you_mean
from infra.declarations.spec import FunctionSpec, SenderSpec, SpecError


def check(spec: FunctionSpec) -> None:
    """Raise SpecError for the first type that access.emit lacks or no sender has, and for overlapping subjects."""
    if not spec.trigger.http:
        return
    senders = spec.trigger.http.senders
    for name, sender in senders.items():
        for event_type in sender.types:
            if event_type not in spec.access.emit:
                hint = did_you_mean(event_type, spec.access.emit)
                raise SpecError(f"trigger.http.senders.{name}.types: '{event_type}' is not in access.emit{hint}")
    _check_subjects(senders)
    for event_type in spec.access.emit:
        if not any(event_type in sender.types for sender in senders.values()):
            raise SpecError(
                f"access.emit: no sender may cause '{event_type}'; add it to trigger.http.senders.<sender>.types"
            )


def _check_subjects(senders: Mapping[str, SenderSpec]) -> None:
    """Raise SpecError for a subject that two senders reserve: neither sender could use it."""
    reserved = [(name, subject) for name, sender in senders.items() for subject in sender.subjects]
    for (name, subject), (other, its) in combinations(reserved, 2):
        if name != other and _overlap(subject, its):
            raise SpecError(
                f"trigger.http.senders.{other}.subjects: '{its}' overlaps '{subject}', which '{name}' reserves"
            )


def _overlap(one: str, other: str) -> bool:
    """Return whether a subject can match both; a * at the end matches any rest."""
    short, long = sorted((one, other), key=lambda each: len(each.removesuffix("*")))
    return long.startswith(short.removesuffix("*")) if short.endswith("*") else short == long
