"""The packages in a function's requirements.txt, and the messages about one that cannot be deployed."""

from pathlib import Path
from typing import Final

import pytest

from infra.declarations import code_scan, packages
from infra.declarations.spec import FunctionSpec, SpecError, Trigger

HASH: Final = "--hash=sha256:" + "a" * 64
REMEDY: Final = "run `herald lock welcome`"
SPEC: Final = FunctionSpec(name="welcome", description="d", owner="o", trigger=Trigger(samples=("s",), pattern={}))


def write(root: Path, lock: str, *, wanted: str | None = None, function: str = "welcome") -> None:
    """Write the lock file of a function and, optionally, its requirements.in."""
    folder = root / "functions" / function
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "requirements.txt").write_text(lock, encoding="utf-8")
    if wanted is not None:
        (folder / "requirements.in").write_text(wanted, encoding="utf-8")


def test_a_lock_file_with_hashes_has_no_fault(tmp_path: Path) -> None:
    """As uv writes it: hashes on separate lines, markers, extras, comments."""
    write(
        tmp_path,
        f"# made by\na.b==1.0 \\\n    {HASH} \\\n    {HASH}\n    # via c\nc[x]==2 ; python_version < '4' {HASH}\n",
        wanted="# for people\nA_b>=1  # why\nc[x]\n",
    )
    assert list(packages.faults(tmp_path, "welcome")) == []
    assert packages.pins(tmp_path / packages.file_of("welcome")) == (
        packages.Pin("a-b", "1.0", 2),
        packages.Pin("c", "2", 6, optional=True),
    )


def test_a_function_without_packages_has_no_fault(tmp_path: Path) -> None:
    """Most functions have no lock file."""
    assert list(packages.faults(tmp_path, "welcome")) == []
    assert packages.missing(tmp_path, "welcome") == []


@pytest.mark.parametrize(
    ("lock", "sentence"),
    [
        ("# c\na==1.0\n", f"2: a==1.0 has no --hash: {REMEDY}"),
        (f"a==1.0 {HASH}\nb==2 \\\n    # via a\n", f"2: b==2 has no --hash: {REMEDY}"),
        (f"a>=1.0 {HASH}\n", f"1: 'a>=1.0' is not NAME==VERSION with hashes: {REMEDY}"),
        ("--index-url https://example.com\n", "1: '--index-url https://example.com' is not NAME==VERSION"),
        (f"a @ https://example.com/a.whl {HASH}\n", "1: 'a @ https://example.com/a.whl' is not NAME==VERSION"),
        ("a==1.0 --hash=md5:1\n", "1: 'a==1.0' is not NAME==VERSION with hashes"),
        ("-r other.txt\n", "1: '-r other.txt' is not NAME==VERSION"),
    ],
)
def test_what_could_not_be_installed_is_told_with_its_line(tmp_path: Path, lock: str, sentence: str) -> None:
    """Before the deployment, and at synthesis too."""
    write(tmp_path, lock)
    (told,) = packages.faults(tmp_path, "welcome")
    assert told.startswith(f"functions/welcome/requirements.txt:{sentence}")
    with pytest.raises(SpecError, match=r"functions/welcome/requirements\.txt:\d: "):
        code_scan.refuse(tmp_path, [SPEC])


def test_a_package_that_was_not_locked_is_told(tmp_path: Path) -> None:
    """The package was added to requirements.in, but `herald lock` did not run."""
    write(tmp_path, f"a==1.0 {HASH}\n", wanted="a\n# b\nd\n")
    assert list(packages.faults(tmp_path, "welcome")) == [
        f"functions/welcome/requirements.in:3: 'd' is not in requirements.txt: {REMEDY}"
    ]


def test_two_versions_of_a_package_cannot_be_tested_together(tmp_path: Path) -> None:
    """The tests of all functions run in one environment, that of requirements/dev.txt."""
    write(tmp_path, f"a==1.0 {HASH}\n", function="greet")
    write(tmp_path, f"a==2.0 {HASH}\npytest==1.0 {HASH}\n")
    one, other = packages.faults(tmp_path, "welcome")
    assert one == (
        "functions/welcome/requirements.txt:1: a==2.0, but functions/greet/requirements.txt has 1.0, "
        f"and tests run in one environment: {REMEDY}"
    )
    assert other.startswith("functions/welcome/requirements.txt:2: pytest==1.0, but requirements/dev.txt has ")


def test_what_is_installed_here_in_another_version_is_missing(tmp_path: Path) -> None:
    """And packages that are not installed; a package for other systems is not missing."""
    write(tmp_path, f"pytest==0.1 {HASH}\nno-such==1 {HASH}\nno-other==1 ; sys_platform == 'win32' {HASH}\n")
    assert [pin.text for pin in packages.missing(tmp_path, "welcome")] == ["pytest==0.1", "no-such==1"]


def test_modules_are_found_by_the_packages_that_bring_them(tmp_path: Path) -> None:
    """Modules and packages may have different names; only packages in the lock file count."""
    write(tmp_path, f"packageurl-python==0 {HASH}\n")
    assert packages.modules(tmp_path, "welcome") == {"packageurl"}
    assert packages.modules(tmp_path, "other") == set()


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("import rich.text", "rich"),
        ("from typer import run", "typer"),
        ("def f():\n    import packageurl", "packageurl-python"),
    ],
)
def test_an_import_of_what_only_tests_have_is_told(tmp_path: Path, line: str, package: str) -> None:
    """The tests would pass, and every start on Lambda would fail."""
    write(tmp_path, "")
    (tmp_path / "functions/welcome/handler.py").write_text(line, encoding="utf-8")
    (told,) = code_scan.strays(tmp_path, tmp_path / "functions/welcome")
    remedy = "add it to functions/welcome/requirements.in and run `herald lock welcome`"
    assert told.endswith(f", but the worker does not have the package {package}: {remedy}")
    write(tmp_path, f"{package}==1 {HASH}\n")
    assert list(code_scan.strays(tmp_path, tmp_path / "functions/welcome")) == []


def test_what_the_layer_has_may_be_imported(tmp_path: Path) -> None:
    """Powertools, boto3 and their dependencies."""
    write(tmp_path, "")
    (tmp_path / "functions/welcome/handler.py").write_text(
        "import boto3, botocore, aws_lambda_powertools, json", "utf-8"
    )
    assert list(code_scan.strays(tmp_path, tmp_path / "functions/welcome")) == []
