"""`herald local up` prints why it deploys: the files that changed, or a deployment that did not succeed."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.local import cdk, emulator, hotswap, local
from herald.local.hotswap import Deployed

RUNNING = emulator.Emulator(pid=1, started=1.0, endpoint="http://127.0.0.1:1")
FILES = {f"infra/{number}.py": "old" for number in range(64)}


class Machine:
    """A local AWS: `files` are the digests of this checkout; a deployment fails while `broken`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Start without a deployment."""
        self.files = FILES
        self.broken = False
        self.deployments = 0
        monkeypatch.setattr(emulator, "start", lambda: RUNNING)
        monkeypatch.setattr(emulator, "running", lambda: RUNNING)
        monkeypatch.setattr(cdk, "run", self._deploy)
        monkeypatch.setattr(hotswap, "now", self._now)
        made = SimpleNamespace(specs={}, environment="dev", client=lambda _service: None)
        monkeypatch.setattr(Deployment, "local", lambda _environment: made)
        complete = {"StackStatus": "CREATE_COMPLETE", "CreationTime": "1"}
        names = ("CDKToolkit", "herald-dev-storage", "herald-dev-journal")
        monkeypatch.setattr(local, "_stacks", lambda _deployment: dict.fromkeys(names, complete))

    def _now(self, environment: str, *_: object) -> Deployed:
        return Deployed(started=RUNNING.started, environment=environment, sources=self.files, code={})

    def _deploy(self, *_arguments: str) -> None:
        self.deployments += 1
        if self.broken:
            raise CommandError("`cdk deploy` failed")

    def up(self, *, fails: bool = False) -> str:
        """Run the command and return the lines that it prints."""
        lines: list[str] = []
        self.broken = fails
        if fails:
            with pytest.raises(CommandError):
                local.up("dev", lines.append)
        else:
            local.up("dev", lines.append)
        return "\n".join(lines)


@pytest.fixture
def machine(state: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a local AWS with one successful deployment."""
    assert state.is_dir()
    made = Machine(monkeypatch)
    assert "deploying everything\n" in made.up()
    return made


def test_after_a_failed_deployment_only_the_files_that_changed_are_named(machine: Machine) -> None:
    """The failed deployment does not make the other files count as changed."""
    machine.files = FILES | {"infra/0.py": "new"}
    assert "deploying: infra/0.py changed\n" in f"{machine.up(fails=True)}\n"
    told = "deploying again: the last deployment did not succeed; since the last successful one, infra/0.py changed"
    assert told in machine.up(fails=True).splitlines()
    assert told in machine.up().splitlines()
    assert "nothing changed" in machine.up().splitlines()


def test_a_failed_deployment_is_repeated_when_the_change_is_taken_back(machine: Machine) -> None:
    """Some stacks may have the change: only a deployment makes them equal to the checkout again."""
    machine.files = FILES | {"infra/0.py": "new"}
    machine.up(fails=True)
    machine.files = FILES
    assert "deploying again: the last deployment did not succeed" in machine.up().splitlines()
    assert machine.deployments == 3


def test_a_stack_that_changed_without_herald_is_deployed(machine: Machine) -> None:
    """Its time differs from that of the last deployment."""
    before = hotswap.last("dev")
    assert before
    hotswap.keep(replace(before, stacks={}))
    assert "deploying: a stack changed" in machine.up().splitlines()
