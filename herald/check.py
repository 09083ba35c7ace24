"""Holds declarations, contracts, samples and code against each other, and contracts against an earlier revision."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from functions.runtime import contracts as held
from functions.runtime.envelope import parse
from functions.runtime.errors import ContractError, EnvelopeError
from herald.errors import CommandError
from infra import agreement, catalog, contracts
from infra.contracts import Contracts
from infra.evolution import Refusal, refusals
from infra.spec import FunctionSpec, SpecError


class RevisionError(CommandError):
    """There is no such revision to compare with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is wrong: sentences that begin with their file, and changes that need a new major version.

    `notices` are what only people can judge.
    """

    disagreements: Sequence[str]
    refusals: Sequence[Refusal] = ()
    notices: Sequence[str] = ()

    def describe(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        changes = [asdict(refusal) | {"sentence": refusal.sentence} for refusal in self.refusals]
        return {"disagreements": list(self.disagreements), "refusals": changes, "notices": list(self.notices)}


def check(base: str | None, root: Path = catalog.ROOT) -> Answer:
    """Look for disagreements, and for changes since `base`; RevisionError when git knows no such revision."""
    before = contracts_at(base, root) if base else {}
    try:
        specs, known = catalog.load(root), contracts.load(root)
        disagreements = [*agreement.disagreements(root, specs, known), *_samples(root)]
    except SpecError as error:  # what is refused as a whole leaves nothing to compare
        return Answer(disagreements=[str(error)])
    changes = list(refusals(before, known, specs, str(base)))
    return Answer(
        disagreements=disagreements, refusals=changes, notices=list(_renamed(base, root, specs)) if base else []
    )


def refused(event: Mapping[str, Any]) -> str | None:
    """Return the reason for which a function would refuse an event, None where it would take it."""
    try:
        held.accept(parse(json.dumps(event)))
    except (ContractError, EnvelopeError) as error:
        return str(error)
    return None


def _renamed(revision: str, root: Path, specs: Sequence[FunctionSpec]) -> Iterator[str]:
    """Yield the functions that git, which guesses by what is in the files, takes for others of before, unsaid.

    Since this branch left that revision: what was renamed there is not renamed back here.
    """
    known = {spec.name: spec for spec in specs}
    options = ("--relative", "--name-status", "--find-renames", "--diff-filter=R", "-z")
    told = _git(root, "diff", *options, _fork(revision, root), "--", "functions").split("\0")
    for old, new in ((Path(old), Path(new)) for old, new in zip(told[1::3], told[2::3], strict=False)):
        before, now = old.parent.name, new.parent.name
        if old.name == new.name == "function.toml" and before != now and before not in known[now].formerly:
            yield (
                f'{new}: git takes it for {before} of {revision}: if it is, say formerly = ["{before}"], or what '
                f"{before} has processed runs again as if it were new"
            )


def _samples(root: Path) -> Iterator[str]:
    """Yield the samples that functions would not take, and the invalid ones that they would not refuse as they say."""
    for name in agreement.samples(root):
        reason = refused(catalog.sample(name, root))
        if reason:
            yield f"events/{name}.json: a function would refuse it: {reason}"
    for name in agreement.invalid_samples(root):
        sample = catalog.sample(name, root)
        if not (isinstance(sample.get("reason"), str) and isinstance(sample.get("event"), dict)):
            yield f"events/{name}.json: an invalid sample has an event, and the reason for which it is refused"
            continue
        reason = refused(sample["event"])
        if reason is None or sample["reason"] not in reason:
            said = f"refuses it with '{reason}'" if reason else "would take it"
            yield f"events/{name}.json: it says '{sample['reason']}', but a function {said}"


def contracts_at(revision: str, root: Path = catalog.ROOT) -> Contracts:
    """Return the contracts of a revision."""
    commit = _commit(revision, root)
    names = _git(root, "ls-tree", "-r", "-z", "--name-only", commit, "events/").split("\0")
    files = {name: _git(root, "show", f"{commit}:./{name}") for name in names if name.endswith(".schema.json")}
    return contracts.parse(files)


def _commit(revision: str, root: Path) -> str:
    """Return the commit that a revision names."""
    return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()


def _fork(revision: str, root: Path) -> str:
    """Return the last commit that this branch has in common with a revision, or it where git knows of none."""
    commit = _commit(revision, root)
    try:
        return _git(root, "merge-base", commit, "HEAD").strip()
    except RevisionError:
        return commit


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 - the git that the caller works with
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError as error:
        message = "git is not installed, and --base asks it for the contracts of before"
        raise CommandError(message) from error
    except subprocess.CalledProcessError as error:
        message = error.stderr.strip() or "git knows no such revision here: fetch it first"
        raise RevisionError(message) from error
    return done.stdout
