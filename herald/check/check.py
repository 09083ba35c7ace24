"""Compares declarations, contracts, samples and code with each other, and with an earlier Git revision."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from functions.runtime.core.errors import ContractError, EnvelopeError
from functions.runtime.envelopes.envelope import parse
from functions.runtime.run import contracts as held
from herald.check import locking, starts
from herald.check.revision import Revision
from infra.constructs import environment
from infra.contracts import contracts
from infra.contracts.changes import Refusal, refusals
from infra.declarations import consistency, loader
from infra.declarations.spec import FunctionSpec, SpecError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The result of a check: disagreements, which begin with their file, and breaking changes of contracts.

    `notices` need a decision by a person.
    """

    disagreements: Sequence[str]
    refusals: Sequence[Refusal] = ()
    notices: Sequence[str] = ()

    def describe(self) -> dict[str, Any]:
        """Return the answer as values for JSON."""
        changes = [asdict(refusal) | {"sentence": refusal.sentence} for refusal in self.refusals]
        return {"disagreements": list(self.disagreements), "refusals": changes, "notices": list(self.notices)}


def check(base: str | None, root: Path = loader.ROOT) -> Answer:
    """Return the disagreements, and the breaking changes since `base`; RevisionError: `base` does not exist."""
    revision = None if base is None else Revision(base, root)
    before = revision.contracts() if revision else {}
    try:
        environment.check(root)
        specs, known = loader.load(root), contracts.load(root)
        disagreements = [*consistency.disagreements(root, specs, known), *_samples(root)]
        disagreements += starts.faults(root, [each for each in specs if not _named(disagreements, each)])
    except SpecError as error:  # an invalid declaration cannot be compared with anything
        return Answer(disagreements=_first_faults(root, str(error)))
    unasked: list[str] = []
    if not disagreements:  # uv would report an invalid lock file a second time
        disagreements += _packages(root, specs, unasked)
    if revision is None:
        return Answer(disagreements=disagreements, notices=unasked)
    return Answer(
        disagreements=[*disagreements, *_taken_back(revision, specs)],
        refusals=list(refusals(before, known, specs, revision.name)),
        notices=[*unasked, *_renamed(revision, specs)],
    )


def _first_faults(root: Path, found: str) -> list[str]:
    """Return the fault that was found, and the first fault of each other invalid function.toml."""
    faults = [found]
    try:
        faults += loader.faults(root)
    except SpecError as error:  # infra/resources.toml or a contract is invalid
        faults.append(str(error))
    return list(dict.fromkeys(faults))


def of_function(root: Path, spec: FunctionSpec, known: contracts.Contracts) -> list[str]:
    """Return the disagreements in a function's folder, in its samples and in the contracts that it needs."""
    samples = [f"events/{name}.json" for name in spec.trigger.samples]
    needed = [contract.file for contract in contracts.needed(known, spec)]
    own = tuple(f"{path}:" for path in (*samples, *needed))
    found = consistency.disagreements(root, [spec], known)
    return [each for each in found if each.startswith((f"functions/{spec.name}/", *own))]


def _named(disagreements: Sequence[str], spec: FunctionSpec) -> bool:
    """Return whether a disagreement names a file of the function: its import would fail for the same reason."""
    return any(each.startswith(f"functions/{spec.name}/") for each in disagreements)


def refused(event: Mapping[str, Any]) -> str | None:
    """Return why a function would reject an event, or None if it would accept it."""
    try:
        held.accept(parse(json.dumps(event)))
    except (ContractError, EnvelopeError) as error:
        return str(error)
    return None


def _packages(root: Path, specs: Sequence[FunctionSpec], unasked: list[str]) -> Iterator[str]:
    """Yield the packages that Lambda cannot install; append to `unasked` where the package index does not respond."""
    for spec in specs:
        try:
            yield from locking.not_installable(root, spec.name)
        except locking.UnreachableError as error:
            unasked.append(str(error))


def _taken_back(revision: Revision, specs: Sequence[FunctionSpec]) -> Iterator[str]:
    """Yield the functions with a former name missing from `formerly`."""
    for spec in specs:
        names = revision.former_names.get(spec.name, ())
        if spec.formerly[: len(names)] != names:
            yield (
                f"functions/{spec.name}/function.toml: formerly began with {_listed(names)} at {revision.name}: "
                "keep these names, or events that were processed before run again"
            )


def _renamed(revision: Revision, specs: Sequence[FunctionSpec]) -> Iterator[str]:
    """Yield the functions that Git reports as renamed, but that do not declare their former names."""
    known = {spec.name: spec for spec in specs}
    for before, now in revision.renames():
        names = (*revision.former_names[before], before)
        meant = () if now == names[0] else tuple(name for name in names if name != now)
        said = known[now].formerly if now in known else meant
        if said[: len(meant)] != meant or (said and not meant):
            remedy = (
                f"write formerly = {_listed(meant)}"
                if meant
                else "remove formerly, because it has its first name again"
            )
            yield (
                f"functions/{now}/function.toml: Git reports it as {before} of {revision.name}, renamed: if it is, "
                f"{remedy}; otherwise events that {before} processed run again"
            )


def _listed(names: Sequence[str]) -> str:
    return json.dumps(list(names))


def _samples(root: Path) -> Iterator[str]:
    """Yield the samples that a function would reject, and the invalid samples without the expected rejection."""
    for name in consistency.samples(root):
        reason = refused(loader.sample(name, root))
        if reason:
            yield f"events/{name}.json: a function would reject it: {reason}"
    for name in consistency.invalid_samples(root):
        sample = loader.sample(name, root)
        if not (isinstance(sample.get("reason"), str) and isinstance(sample.get("event"), dict)):
            yield f"events/{name}.json: an invalid sample needs event, and reason: why a function rejects it"
            continue
        reason = refused(sample["event"])
        if reason is None or sample["reason"] not in reason:
            answer = f"rejects it with '{reason}'" if reason else "accepts it"
            yield f"events/{name}.json: its reason is '{sample['reason']}', but a function {answer}"
