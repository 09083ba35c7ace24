"""`formerly`: a renamed function keeps its first name, and no other function can use a former name."""

import json
from pathlib import Path

import pytest

from infra.declarations import loader
from tests.unit.infra.declared import GOOD, changed, declare, on, refusal


def renamed(*names: str) -> str:
    """Return the good declaration with former names."""
    return f"formerly = {json.dumps(names)}\n{GOOD}"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ('["welcome"]', ": 'welcome' is the function's current name; list only earlier names"),
        ('["runtime"]', ": 'runtime' is a folder in functions/; a former name must not be in use"),
        ('["greet", "greet"]', ": 'greet' is listed twice"),
        ('["Greet"]', ": 'Greet' must be snake_case"),
        ('["../greet"]', ": '../greet' must be snake_case"),
        (f'["{"g" * 41}"]', f": '{'g' * 41}' must be snake_case and have at most 40 characters; it has 41"),
        ('["class"]', ": 'class' is a Python keyword"),
        ('["journal"]', ": 'journal' is reserved for a function of the platform"),
        ('"greet"', " must be a list, not 'greet'"),
        ("[1]", " must be a text, not 1"),
        ('[""]', " is empty"),
    ],
)
def test_a_wrong_former_name_is_refused(root: Path, names: str, reason: str) -> None:
    """The message names the file, the key and the fault."""
    declare(root, "welcome", changed("owner =", f"formerly = {names}\nowner ="))
    assert refusal(root).startswith(f"functions/welcome/function.toml: formerly{reason}")


def test_a_renamed_function_is_known_by_its_first_name(root: Path) -> None:
    """The source of its events has the first name; a function that was never renamed has one name."""
    declare(root, "welcome", renamed("greet", "hello"))
    declare(root, "write", GOOD)
    welcome, write = loader.load(root)
    assert (welcome.first_name, welcome.source) == ("greet", "herald.greet")
    assert (write.first_name, write.source) == ("write", "herald.write")


def test_a_name_that_two_functions_had_is_refused(root: Path) -> None:
    """They would share the keys of their runs, so each would skip events that the other processed."""
    declare(root, "welcome", renamed("greet"))
    declare(root, "write", renamed("post", "greet"))
    assert refusal(root) == (
        "functions/write/function.toml: formerly: functions/welcome/function.toml lists 'greet' too; "
        "a name belongs to one function"
    )


def test_a_former_name_cannot_be_the_name_of_another_function(root: Path) -> None:
    """The new function would take over the runs of the renamed function."""
    declare(root, "greet", GOOD)
    declare(root, "welcome", renamed("greet"))
    assert refusal(root).startswith("functions/welcome/function.toml: formerly: 'greet' is a folder in functions/")


def test_a_loop_is_found_by_the_source_that_a_renamed_function_keeps(root: Path) -> None:
    """A pattern that names the source of the first name still matches its events."""
    pattern = 'trigger.pattern.source = ["herald.a"]\n'
    declare(
        root,
        "echo",
        'formerly = ["a"]\n' + on("a.happened", 'emit = ["a.happened"]').replace("[access]", pattern + "[access]"),
    )
    assert refusal(root).endswith("access.emit 'a.happened' can trigger the function itself: echo → echo")
