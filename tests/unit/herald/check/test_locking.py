"""`herald lock`, and what `herald check` and `herald test` do with the packages of a function.

The packages are made here, and uv finds them in a folder: no index is asked.
"""

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner
from uv import find_uv_bin

from herald import cli
from herald.check import check, locking
from herald.errors import CommandError
from herald.scaffold import run_tests
from infra.declarations import consistency, loader, packages
from infra.declarations.packages import Pin
from infra.declarations.spec import FunctionSpec, Trigger

ANY: Final = "py3-none-any"
WINDOWS: Final = "cp313-cp313-win_amd64"
SPEC: Final = FunctionSpec(name="welcome", description="d", owner="o", trigger=Trigger(samples=("s",), pattern={}))
ARM: Final = "cp313-cp313-manylinux2014_aarch64"


def wheel(folder: Path, name: str, version: str, tag: str = ANY, requires: str = "") -> None:
    """Write a package with one module of its name."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as archive:
        for path, text in (files | {f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}).items():
            archive.writestr(path, text)


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is the only place where uv looks for packages."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with one function."""
    (tmp_path / "functions" / "welcome").mkdir(parents=True)
    (tmp_path / "events").mkdir()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("", encoding="utf-8")
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    return tmp_path


def want(root: Path, *lines: str) -> None:
    """Write the requirements.in of the function."""
    (root / "functions/welcome/requirements.in").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def herald(*arguments: str) -> str:
    """Return what a command printed; CommandError as the command line prints it."""
    done = CliRunner().invoke(cli.app, arguments, catch_exceptions=True)
    if isinstance(done.exception, CommandError):
        raise done.exception
    return done.output


def test_packages_are_pinned_with_hashes_and_name_no_place(root: Path, wheels: Path) -> None:
    """Those that they need themselves too; the file passes every check, and says how it was made."""
    wheel(wheels, "tidy", "1.0", requires="Requires-Dist: broom>=2\n")
    wheel(wheels, "broom", "2.5")
    want(root, "tidy  # sweeps")
    assert "functions/welcome/requirements.txt pins 2 packages." in herald("lock", "welcome")
    text = (root / "functions/welcome/requirements.txt").read_text(encoding="utf-8")
    assert "herald lock welcome" in text
    assert "://" not in text
    assert str(wheels) not in text
    assert [pin.text for pin in packages.pins(root / packages.file_of("welcome"))] == ["broom==2.5", "tidy==1.0"]
    assert list(packages.faults(root, "welcome")) == []


def test_what_is_pinned_stays_until_something_else_is_wanted(root: Path, wheels: Path) -> None:
    """A newer version alone changes nothing."""
    wheel(wheels, "tidy", "1.0")
    want(root, "tidy")
    herald("lock", "welcome")
    wheel(wheels, "tidy", "2.0")
    herald("lock", "welcome")
    assert "tidy==1.0" in (root / packages.file_of("welcome")).read_text(encoding="utf-8")
    want(root, "tidy>1")
    herald("lock", "welcome")
    assert "tidy==2.0" in (root / packages.file_of("welcome")).read_text(encoding="utf-8")


def test_versions_are_those_of_the_environment_in_which_tests_run(root: Path, wheels: Path) -> None:
    """requirements/dev.txt says which."""
    wheel(wheels, "tidy", "1.0")
    wheel(wheels, "tidy", "2.0")
    (root / "requirements" / "dev.txt").write_text("tidy==1.0\n", encoding="utf-8")
    want(root, "tidy")
    herald("lock", "welcome")
    assert "tidy==1.0" in (root / packages.file_of("welcome")).read_text(encoding="utf-8")


def test_what_is_asked_for_wrongly_is_said(root: Path, wheels: Path) -> None:
    """A function that is not there, no requirements.in, a package that is not there."""
    with pytest.raises(CommandError, match="there is no function 'welcom'; did you mean 'welcome'"):
        herald("lock", "welcom")
    with pytest.raises(CommandError, match=r"functions/welcome/requirements\.in is missing: write the packages"):
        herald("lock", "welcome")
    want(root, "tidy")
    with pytest.raises(CommandError, match=r"functions/welcome/requirements\.in does not resolve:\n(?s:.*)tidy"):
        herald("lock", "welcome")
    assert not list(wheels.iterdir())


@pytest.mark.parametrize(("tag", "failing"), [(WINDOWS, ["arm64", "x86_64"]), (ARM, ["x86_64"])])
def test_a_package_without_a_wheel_for_lambda_is_told_with_its_line(
    root: Path, wheels: Path, tag: str, failing: list[str]
) -> None:
    """Lambda builds nothing: `herald lock` and `herald check` say so, not the deployment."""
    wheel(wheels, "apple", "1.0")
    wheel(wheels, "tidy", "1.0", tag)
    want(root, "apple", "tidy")
    with pytest.raises(
        CommandError, match=rf"requirements\.txt:\d+: Lambda cannot install this on {failing[0]}: .*tidy"
    ):
        herald("lock", "welcome")
    (line,) = (pin.line for pin in packages.pins(root / packages.file_of("welcome")) if pin.name == "tidy")
    told = list(locking.not_installable(root, "welcome"))
    assert [sentence.split(" because")[0].split(": Bec")[0] for sentence in told] == [
        f"functions/welcome/requirements.txt:{line}: Lambda cannot install this on {name}" for name in failing
    ]


def test_check_tells_what_lambda_could_not_install(root: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a disagreement; where the index does not answer, that is a notice, and the check goes on."""
    monkeypatch.setattr(loader, "load", lambda _root: [SPEC])
    monkeypatch.setattr(consistency, "disagreements", lambda *_: [])
    monkeypatch.setattr(check, "_samples", lambda _root: [])
    wheel(wheels, "tidy", "1.0", WINDOWS)
    (root / packages.file_of("welcome")).write_text(f"tidy==1.0 --hash=sha256:{'a' * 64}\n", encoding="utf-8")
    told = check.check(None, root).disagreements
    assert len(told) == 2
    assert all(sentence.startswith("functions/welcome/requirements.txt:1: Lambda cannot") for sentence in told)
    monkeypatch.delenv("UV_NO_INDEX")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.delenv("UV_FIND_LINKS")
    answer = check.check(None, root)
    assert not answer.disagreements
    assert answer.notices[0].startswith(
        "functions/welcome/requirements.txt: whether Lambda can install it is not known"
    )


def test_what_tests_lack_is_installed_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`herald test` says what it installs, and then runs the tests."""
    done: list[str] = []

    def run(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        done.append("tested")
        return subprocess.CompletedProcess([], 0)

    monkeypatch.setattr(packages, "missing", lambda *_: [Pin("tidy", "1.0", 3)])
    monkeypatch.setattr(locking, "install", lambda _root, name: done.append(f"installed {name}"))
    monkeypatch.setattr(subprocess, "run", run)
    assert run_tests.run("diff_inventory") == 0
    assert done == ["installed diff_inventory", "tested"]
    assert "installing tidy==1.0" in capsys.readouterr().err


def test_a_disagreement_stops_before_any_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many tests would fail because of one wrong setting; the message is the one of `herald check`."""
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a test ran"))
    monkeypatch.setattr(check, "of_function", lambda *_: ["functions/notify/function.toml: one", "two"])
    with pytest.raises(CommandError, match=r"^functions/notify/function\.toml: one\ntwo$"):
        run_tests.run("notify")


def test_packages_are_installed_into_the_environment_of_the_tests(
    root: Path, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checked against their hashes; a file without them is refused by its line, another wheel in uv's words."""
    environment = tmp_path / "environment"
    subprocess.run([find_uv_bin(), "venv", "--quiet", "--python", sys.executable, environment], check=True)
    monkeypatch.setattr(sys, "executable", str(environment / "bin" / "python"))
    wheel(wheels, "tidy", "1.0")
    want(root, "tidy")
    herald("lock", "welcome")
    locking.install(root, "welcome")
    subprocess.run([environment / "bin" / "python", "-c", "import tidy"], check=True)
    lock = root / packages.file_of("welcome")
    lock.write_text(f"tidy==1.0 --hash=sha256:{'a' * 64}\n", encoding="utf-8")
    subprocess.run([find_uv_bin(), "pip", "uninstall", "--quiet", "--python", sys.executable, "tidy"], check=True)
    with pytest.raises(CommandError, match=r"functions/welcome/requirements\.txt could not be installed here:\n"):
        locking.install(root, "welcome")
    lock.write_text("tidy==1.0\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"functions/welcome/requirements\.txt:1: tidy==1\.0 has no --hash"):
        locking.install(root, "welcome")
