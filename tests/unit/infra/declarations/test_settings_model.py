"""Settings that do not fit the dataclass they are read as, by the text of the code, and that the runtime agrees."""

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
WHOSE: Final = "Settings in functions/welcome/model.py"


def faults(root: Path, settings: dict[str, Any], model: str = MODEL, handler: str = HANDLER) -> list[str]:
    """Return what is said of settings, a model and a handler, below the name of the declaration."""
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


def test_settings_that_fit_are_no_fault(tmp_path: Path) -> None:
    """Every type that a field may have, all of them or none; the runtime takes them too."""
    assert faults(tmp_path, GOOD) == faults(tmp_path, {}) == []
    assert built(GOOD) != built({})


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"quite_minutes": 1}, f"settings.quite_minutes is no field of {WHOSE}; did you mean 'quiet_minutes'?"),
        ({"LIMIT": 1}, f"settings.LIMIT is no field of {WHOSE}"),
        ({"quiet_minutes": "15"}, f"settings.quiet_minutes is '15', and {WHOSE} takes int"),
        ({"quiet_minutes": 1.5}, f"settings.quiet_minutes is 1.5, and {WHOSE} takes int"),
        ({"quiet_minutes": True}, f"settings.quiet_minutes is true, and {WHOSE} takes int"),
        ({"share": "a"}, f"settings.share is 'a', and {WHOSE} takes float"),
        ({"loud": 1}, f"settings.loud is 1, and {WHOSE} takes bool"),
        ({"title": 1}, f"settings.title is 1, and {WHOSE} takes str | None"),
        ({"words": "a"}, f"settings.words is 'a', and {WHOSE} takes tuple[str, ...]"),
        ({"words": ["a", 1]}, f"settings.words is ['a', 1], and {WHOSE} takes tuple[str, ...]"),
        ({"ports": [True]}, f"settings.ports is [True], and {WHOSE} takes list[int]"),
        ({"mode": "slwo"}, f"settings.mode is 'slwo', and {WHOSE} takes Literal['fast', 'slow']"),
        ({"limits": ["a"]}, f"settings.limits is ['a'], and {WHOSE} takes 'tuple[float, ...] | None'"),
        ({"folder": ["a"]}, f"settings.folder is ['a'], and {WHOSE} takes set[str]"),
    ],
)
def test_a_setting_that_does_not_fit_is_told(tmp_path: Path, settings: dict[str, Any], fault: str) -> None:
    """With its key, its value and the class; the runtime refuses it too, so that neither is stricter."""
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
    assert found == ([f"settings.a is missing: {WHOSE} has no default for it"] if missing else [])
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
def test_the_class_is_found_however_it_is_named(tmp_path: Path, handler: str) -> None:
    """By an import of it or of its module, and whatever the run is called."""
    assert faults(tmp_path, {"quite_minutes": 1}, handler=handler) == [
        f"settings.quite_minutes is no field of {WHOSE}; did you mean 'quiet_minutes'?"
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
def test_what_the_text_does_not_tell_is_left_to_the_tests(tmp_path: Path, model: str, handler: str) -> None:
    """A base or a type from elsewhere, and a class that only the run knows."""
    assert faults(tmp_path, {"quite": 1}, model, handler) == []


def test_a_class_that_is_no_dataclass_is_told(tmp_path: Path) -> None:
    """The worker could not fill it."""
    model = "class Settings:\n    a: int = 1\n"
    assert faults(tmp_path, {}, model) == [
        "functions/welcome/model.py:1: Settings is no dataclass, as run.settings needs"
    ]


def test_synthesis_refuses_the_first_fault(tmp_path: Path) -> None:
    """With its file."""
    faults(tmp_path, {})
    trigger = Trigger(samples=("s",), pattern={})
    spec = FunctionSpec(name="welcome", description="d", owner="o", trigger=trigger, settings={"x": 1})
    with pytest.raises(SpecError, match=r"^functions/welcome/function.toml: settings.x is no field of Settings in "):
        settings_model.refuse(tmp_path, [spec])
