"""[settings]: names, types of values and the space in the function's environment."""

import json
from pathlib import Path

import pytest

from tests.unit.infra.declared import GOOD, changed, declare, refusal


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("Quiet = 1", "settings.Quiet: the name of a setting must be snake_case"),
        ("quiet = {a = 1}", "settings.quiet must be a number, a text, true or false, or a list"),
        (f'quiet = "{"x" * 2_048}"', "settings and access.emit have more than 2,048 bytes"),
    ],
)
def test_wrong_settings_are_refused(root: Path, settings: str, reason: str) -> None:
    """The message names the file, the key and the fault."""
    declare(root, "welcome", changed("GOOD", f"[settings]\n{settings}"))
    assert refusal(root).startswith(f"functions/welcome/function.toml: {reason}")


def test_settings_and_types_share_the_environment(root: Path) -> None:
    """Without the check, Lambda would refuse the function only at deployment."""
    types = [f"thing{number}.{'x' * 40}" for number in range(45)]
    for name in types:
        (root / "events" / name).mkdir()
        (root / "events" / name / "1.schema.json").write_text("{}", encoding="utf-8")
    declare(root, "welcome", f"{GOOD}[access]\nemit = {json.dumps(types)}")
    assert "settings and access.emit have more than 2,048 bytes" in refusal(root)
