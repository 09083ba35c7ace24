"""The changes of contracts since a git revision that break a consumer or a producer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.contracts import contracts
from infra.contracts.compatibility import Breaks, Change, compare
from infra.contracts.contracts import Contract, Contracts
from infra.declarations.spec import FunctionSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A change that needs a new major version, and the functions in this repository that it would break."""

    file: str
    field: str
    before: str
    after: str
    consumers: tuple[str, ...]
    producers: tuple[str, ...]
    revision: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The refusal as one sentence."""
        roles = (("consumes", self.consumers), ("emits", self.producers))
        affected = [f"{name} ({role} it)" for role, names in roles for name in names]
        broken = " and ".join(affected) or "consumers or producers outside this repository"
        change = f"{self.field} was {self.before} at {self.revision} and is {self.after} now"
        return f"{self.file}: {change}: this breaks {broken}; {self.remedy}"


def refusals(before: Contracts, now: Contracts, specs: Sequence[FunctionSpec], revision: str) -> Iterator[Refusal]:
    """Yield each forbidden change since `revision`, by contract and field.

    A contract may be removed if it had `"deprecated": true` at that revision.
    """
    for old in contracts.every(before):
        new = now.get(old.name, {}).get(old.version)
        if new:
            remedy = f"restore version {old.version} and make the change in {_next_file(old, now)}"
            changes = compare(old.schema, new.schema)
        else:
            remedy = 'restore it with "deprecated": true, and remove it when no producer sends it'
            changes = [] if old.schema.get("deprecated") else [Change("data", "described", "removed", Breaks.BOTH)]
        for change in changes:
            yield _refusal(old, change, specs, revision, remedy)


def _refusal(contract: Contract, change: Change, specs: Sequence[FunctionSpec], revision: str, remedy: str) -> Refusal:
    consumers = [spec.name for spec in specs if contract.reaches(spec)]
    producers = [spec.name for spec in specs if contract.name in spec.access.emit]
    return Refusal(
        file=contract.file,
        field=change.path,
        before=change.before,
        after=change.after,
        consumers=tuple(consumers if Breaks.CONSUMERS in change.breaks else ()),
        producers=tuple(producers if Breaks.PRODUCERS in change.breaks else ()),
        revision=revision,
        remedy=remedy,
    )


def _next_file(contract: Contract, now: Contracts) -> str:
    """Return the file of the newest version if it is newer than this contract, else of the version after it."""
    newest = max(now[contract.name])
    following = newest if newest > contract.version else newest + 1
    return contract.file.replace(f"{contract.version}.schema.json", f"{following}.schema.json")
