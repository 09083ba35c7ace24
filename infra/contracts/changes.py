"""What became of the contracts since a revision: each change that breaks somebody, in the sentence a reviewer needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.contracts import contracts
from infra.contracts.compatibility import Breaks, Change, compare
from infra.contracts.contracts import Contract, Contracts
from infra.declarations.spec import FunctionSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A change that needs a new major version, and the functions here that would break by it."""

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
        """The whole of it for people."""
        roles = (("consumes", self.consumers), ("emits", self.producers))
        who = [f"{name} ({role} it)" for role, names in roles for name in names]
        whom = " and ".join(who) or "no function here, but whoever reads or sends it elsewhere"
        change = f"{self.field} was {self.before} at {self.revision} and is {self.after} now"
        return f"{self.file}: {change}: this breaks {whom}; {self.remedy}"


def refusals(before: Contracts, now: Contracts, specs: Sequence[FunctionSpec], revision: str) -> Iterator[Refusal]:
    """Yield what changed since `revision`, by contract and field, and may not.

    A contract may go once it said `"deprecated": true` at that revision.
    """
    for old in contracts.every(before):
        new = now.get(old.name, {}).get(old.version)
        if new:
            following = _following(old, now)
            remedy = f"keep version {old.version} as it was, and let {following} say the new"
            changes = compare(old.schema, new.schema)
        else:
            remedy = 'let it say "deprecated": true first, until nothing sends it'
            changes = [] if old.schema.get("deprecated") else [Change("data", "promised", "gone", Breaks.BOTH)]
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


def _following(contract: Contract, now: Contracts) -> str:
    """Return the file of the version that comes after all there are, or of the newest if it is newer than this one."""
    newest = max(now[contract.name])
    following = newest if newest > contract.version else newest + 1
    return contract.file.replace(f"{contract.version}.schema.json", f"{following}.schema.json")
