"""The layout of the code and its tests: no circles, small files and folders, unique module names outside tests/."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

from infra.declarations.loader import NOT_FUNCTIONS, ROOT
from tests.architecture.modules import MODULES, PATHS, circles, imports_of

TESTS: Final = sorted((ROOT / "tests").rglob("*.py"))
FOLDER_MODULES: Final = 16
FILE_LINES: Final = 230
# Why a module name occurs in several rooms.
SHARED_NAMES: Final = {
    "contracts": "infra/contracts loads them, and functions/runtime/run validates data with them",
    "errors": "runtime and herald have unrelated errors: one retries a run, the other ends a command",
    "journal": "one subject: the runtime writes it, infra creates its bucket and queue, and herald reads it",
    "resources": "infra/declarations has their declarations, infra/constructs their constructs",
}


def test_no_circle_of_imports() -> None:
    """A module can be understood, and tested, without the modules that import it."""
    assert circles({name: imports_of(name, path, MODULES) for name, path in MODULES.items()}) == []


def test_a_circle_would_be_found(tmp_path: Path) -> None:
    """Within functions too, but not for type checking only."""
    sources = {
        "a": "import b",
        "b": "def f():\n    from c import x",
        "c": "import a\nimport d",
        "d": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a",
    }
    paths = {name: tmp_path / f"{name}.py" for name in sources}
    for name, path in paths.items():
        path.write_text(sources[name], encoding="utf-8")
    assert circles({name: imports_of(name, path, paths) for name, path in paths.items()}) == [["a", "b", "c"]]


def test_no_folder_has_too_many_modules() -> None:
    """At most 16, so that a reader sees the whole room."""
    sizes = Counter(path.parent for path in (*PATHS, *TESTS) if path.name != "__init__.py")
    assert {room(folder): size for folder, size in sizes.items() if size > FOLDER_MODULES} == {}


def test_no_file_is_too_long() -> None:
    """At most 230 lines."""
    lengths = {room(path): len(path.read_text(encoding="utf-8").splitlines()) for path in (*PATHS, *TESTS)}
    assert {file: length for file, length in lengths.items() if length > FILE_LINES} == {}


def test_module_names_are_unique() -> None:
    """A name leads to one file; files of functions have fixed names, and herald/commands has the names of commands."""
    folders = defaultdict[str, list[str]](list)
    for path in PATHS:
        parts = path.relative_to(ROOT).parts
        of_function = parts[0] == "functions" and parts[1] not in NOT_FUNCTIONS
        if not path.name.startswith("__") and not of_function and parts[:2] != ("herald", "commands"):
            folders[path.stem].append(room(path.parent))
    shared = {name: rooms for name, rooms in folders.items() if len(rooms) > 1}
    assert {name: rooms for name, rooms in shared.items() if name not in SHARED_NAMES} == {}
    assert SHARED_NAMES.keys() <= shared.keys(), "remove the names that are unique now"


def room(path: Path) -> str:
    """Return a path below the repository as text."""
    return path.relative_to(ROOT).as_posix()
