"""Settings that do not fit their dataclass are found in the source code, and the runtime refuses them too."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from functions.runtime.core.errors import SettingsError
from functions.runtime.core.settings import fitted
from infra.declarations import settings_model
from infra.declarations.spec import FunctionSpec, SpecError, Trigger

HANDLER: Final = "from functions.welcome.model import Settings\n\ndef handle(event, run):\n    run.settings(Settings)\n"
MODEL: Final = """
from dataclasses import dataclass, field
from typing import ClassVar, Literal

@dataclass(frozen=True)
class Base:
    share: float = 0.5

@dataclass(frozen=True)
class Settings(Base):
    LIMIT: ClassVar[int] = 3
    quiet_minutes: int = 15
    loud: bool = False
    title: str | None = None
    words: tuple[str, ...] = ()
    ports: list[int] = field(default_factory=list)
    mode: Literal["fast", "slow"] = "fast"
    limits: "tuple[float, ...] | None" = None
    folder: set[str] = field(default_factory=set, repr=False)
"""
GOOD: Final[dict[str, Any]] = {
    "share": 1,
    "quiet_minutes": 1,
    "loud": True,
    "title": "t",
    "words": ["a", "b"],
    "ports": [80],
    "mode": "slow",
    "limits": [1, 0.5],
}
OWNER: Final = "Settings in functions/welcome/model.py"


def faults(root: Path, settings: dict[str, Any], model: str = MODEL, handler: str = HANDLER) -> list[str]:
    """Return the messages about settings, a model and a handler, without the name of the declaration."""
    folder = root / "functions/welcome"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "handler.py").write_text(handler, encoding="utf-8")
    (folder / "model.py").write_text(model, encoding="utf-8")
    trigger = Trigger(samples=("s",), pattern={})
    spec = FunctionSpec(name="welcome", description="d", owner="o", trigger=trigger, settings=settings)
    return [each.removeprefix("functions/welcome/function.toml: ") for each in settings_model.faults(root, spec)]


def built(settings: dict[str, Any], model: str = MODEL) -> object:
    """Return the settings as the runtime builds them."""
    module = sys.modules["model_of_a_test"] = ModuleType("model_of_a_test")  # where dataclasses resolve names
    exec(compile(model, "model.py", "exec"), module.__dict__)  # noqa: S102 - the model above
    kind: type[object] = module.Settings
    return fitted(kind, settings)


def test_settings_that_fit_have_no_fault(tmp_path: Path) -> None:
    """Every type of a field, and no settings at all; the runtime accepts both too."""
    assert faults(tmp_path, GOOD) == faults(tmp_path, {}) == []
    assert built(GOOD) != built({})


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"quite_minutes": 1}, f"settings.quite_minutes is not a field of {OWNER}; did you mean 'quiet_minutes'?"),
        ({"LIMIT": 1}, f"settings.LIMIT is not a field of {OWNER}"),
        ({"quiet_minutes": "15"}, f"settings.quiet_minutes is '15', but {OWNER} needs int"),
        ({"quiet_minutes": 1.5}, f"settings.quiet_minutes is 1.5, but {OWNER} needs int"),
        ({"quiet_minutes": True}, f"settings.quiet_minutes is true, but {OWNER} needs int"),
        ({"share": "a"}, f"settings.share is 'a', but {OWNER} needs float"),
        ({"loud": 1}, f"settings.loud is 1, but {OWNER} needs bool"),
        ({"title": 1}, f"settings.title is 1, but {OWNER} needs str | None"),
        ({"words": "a"}, f"settings.words is 'a', but {OWNER} needs tuple[str, ...]"),
        ({"words": ["a", 1]}, f"settings.words is ['a', 1], but {OWNER} needs tuple[str, ...]"),
        ({"ports": [True]}, f"settings.ports is [True], but {OWNER} needs list[int]"),
        ({"mode": "slwo"}, f"settings.mode is 'slwo', but {OWNER} needs Literal['fast', 'slow']"),
        ({"limits": ["a"]}, f"settings.limits is ['a'], but {OWNER} needs 'tuple[float, ...] | None'"),
        ({"folder": ["a"]}, f"settings.folder is ['a'], but {OWNER} needs set[str]"),
    ],
)
def test_a_setting_that_does_not_fit_is_found(tmp_path: Path, settings: dict[str, Any], fault: str) -> None:
    """With its key, its value and the class; the runtime refuses it too."""
    assert faults(tmp_path, settings) == [fault]
    with pytest.raises(SettingsError):
        built(settings)


@pytest.mark.parametrize(
    ("field", "missing"),
    [
        ("a: int", True),
        ("a: int = field()", True),
        ("a: int = field(repr=False)", True),
        ("a: int = field(default=1)", False),
        ("a: list[int] = field(default_factory=list)", False),
        ("a: int = 1", False),
    ],
)
def test_a_field_without_a_default_is_required(tmp_path: Path, field: str, missing: bool) -> None:  # noqa: FBT001 - a table
    """`default_factory` is a default."""
    model = f"from dataclasses import dataclass, field\n@dataclass\nclass Settings:\n    {field}\n"
    found = faults(tmp_path, {}, model)
    assert found == ([f"settings.a is missing: {OWNER} has no default for it"] if missing else [])
    try:
        built({}, model)
    except SettingsError:
        assert missing
    else:
        assert not missing


@pytest.mark.parametrize(
    "handler",
    [
        "from functions.welcome import model\ndef handle(event, run):\n    run.settings(model.Settings)\n",
        "from functions.welcome.model import Settings as S\ndef handle(event, run):\n    run.settings(S)\n",
        "from functions.welcome.model import Settings\ndef handle(event, its):\n    x(its.settings(Settings))\n",
    ],
)
def test_the_class_is_found_by_any_kind_of_import(tmp_path: Path, handler: str) -> None:
    """An import of the class or of its module, and any name of the run."""
    assert faults(tmp_path, {"quite_minutes": 1}, handler=handler) == [
        f"settings.quite_minutes is not a field of {OWNER}; did you mean 'quiet_minutes'?"
    ]


@pytest.mark.parametrize(
    ("model", "handler"),
    [
        (MODEL.replace("(Base)", "(elsewhere.Base)"), HANDLER),
        (MODEL.replace("quiet_minutes: int", "quite: Minutes"), HANDLER),
        (MODEL, HANDLER.replace("(Settings)", "(kind)")),
        (MODEL, "def handle(event, run): ...\n"),
    ],
)
def test_a_type_from_elsewhere_is_left_to_the_tests(tmp_path: Path, model: str, handler: str) -> None:
    """A base or a type from another package, and a class that is known only at run time."""
    assert faults(tmp_path, {"quite": 1}, model, handler) == []


def test_a_class_that_is_not_a_dataclass_is_found(tmp_path: Path) -> None:
    """The runtime could not build it."""
    model = "class Settings:\n    a: int = 1\n"
    assert faults(tmp_path, {}, model) == [
        "functions/welcome/model.py:1: Settings must be a dataclass for run.settings"
    ]


def test_synthesis_refuses_the_first_fault(tmp_path: Path) -> None:
    """The message names the file."""
    faults(tmp_path, {})
    trigger = Trigger(samples=("s",), pattern={})
    spec = FunctionSpec(name="welcome", description="d", owner="o", trigger=trigger, settings={"x": 1})
    with pytest.raises(SpecError, match=r"^functions/welcome/function.toml: settings.x is not a field of Settings in "):
        settings_model.refuse(tmp_path, [spec])
