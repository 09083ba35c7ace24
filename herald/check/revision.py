"""Reads the contracts and the function names of an earlier Git revision, for comparison."""

import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from herald.errors import CommandError
from infra.contracts import contracts
from infra.contracts.contracts import Contracts
from infra.declarations.spec import SpecError


class RevisionError(CommandError):
    """The Git revision does not exist."""


@dataclass(frozen=True)
class Revision:
    """A commit by one of its names; every method raises RevisionError if Git does not find the commit."""

    name: str
    root: Path

    @cached_property
    def commit(self) -> str:
        """The id of the commit."""
        return self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{self.name}^{{commit}}").strip()

    @cached_property
    def fork(self) -> str:
        """The last common commit of this branch and the revision, or the revision itself if there is none."""
        try:
            return self._git("merge-base", self.commit, "HEAD").strip()
        except RevisionError:
            return self.commit

    def contracts(self) -> Contracts:
        """Return the contracts of the revision; CommandError: a contract is invalid."""
        names = [name for name in self._files(self.commit, "events/") if name.endswith(".schema.json")]
        try:
            return contracts.parse({name: self._git("show", f"{self.commit}:./{name}") for name in names})
        except SpecError as error:
            raise CommandError(f"at {self.name}, {error}") from error

    @cached_property
    def former_names(self) -> dict[str, tuple[str, ...]]:
        """The `formerly` of each function at the fork; an invalid declaration has none."""
        found = {}
        for path in self._files(self.fork, "functions/"):
            function = declared(path)
            if function:
                found[function] = _formerly(self._git("show", f"{self.fork}:./{path}"))
        return found

    def renames(self) -> Iterator[tuple[str, str]]:
        """Yield the old and the new name of each function that Git reports as renamed since the fork.

        Git compares file contents, and only staged or committed files.
        """
        options = ("--relative", "--name-status", "--find-renames", "--diff-filter=R", "-z")
        fields = self._git("diff", *options, self.fork, "--", "functions").split("\0")
        for before, now in zip(map(declared, fields[1::3]), map(declared, fields[2::3]), strict=False):
            if before and now and before != now:
                yield before, now

    def _files(self, commit: str, folder: str) -> list[str]:
        return self._git("ls-tree", "-r", "-z", "--name-only", commit, folder).split("\0")

    def _git(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                ["git", *arguments],  # noqa: S607 - the git on the user's PATH
                cwd=self.root,
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",  # names and contents of files may be any bytes
                check=True,
            )
        except FileNotFoundError as error:
            raise CommandError("git is not installed, and --base asks it for what was before") from error
        except subprocess.CalledProcessError as error:
            raise RevisionError(error.stderr.strip() or "git knows no such revision here: fetch it first") from error
        return done.stdout


def declared(path: str) -> str | None:
    """Return the function that a path declares, or None if the path is not functions/NAME/function.toml."""
    parts = PurePosixPath(path).parts
    return parts[1] if len(parts) == 3 and parts[::2] == ("functions", "function.toml") else None  # noqa: PLR2004 - with its folder


def _formerly(toml: str) -> tuple[str, ...]:
    try:
        names = tomllib.loads(toml).get("formerly", [])
    except (ValueError, RecursionError):
        return ()
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()
