"""Loading function.toml: a valid declaration becomes a spec, and an error names the file, the key and the fault."""

from pathlib import Path

import pytest

from infra.declarations import loader
from infra.declarations.naming import OWNER
from infra.declarations.spec import DeliverySpec, Resource
from tests.unit.infra.declared import GOOD, changed, declare, refusal


def test_a_declaration_becomes_a_spec(root: Path) -> None:
    """Keys are fields, missing keys have their defaults, and the folder names the function."""
    declare(root, "welcome", GOOD + '[delivery]\nbatch_size = 1\n[access]\nwrite = ["bucket.artifacts/welcome/*"]')
    (spec,) = loader.load(root)
    assert (spec.name, spec.owner, spec.timeout_seconds) == ("welcome", "sales-team", 30)
    assert spec.delivery == DeliverySpec(max_attempts=5, max_concurrency=10, batch_size=1)
    assert spec.access.write == (Resource("bucket", "artifacts", "welcome/*"),)
    assert spec.buses == ("herald",)


def test_a_folder_with_only_bytecode_is_not_a_function(root: Path) -> None:
    """Git leaves bytecode behind when it removes a function; it is not a function and does not block `formerly`."""
    for folder in ("gone/__pycache__", "gone/providers/__pycache__"):
        (root / "functions" / folder).mkdir(parents=True)
        (root / "functions" / folder / "handler.cpython-313.pyc").touch()
    declare(root, "welcome", GOOD.replace("owner", 'formerly = ["gone"]\nowner'))
    assert [spec.formerly for spec in loader.load(root)] == [("gone",)]
    (root / "functions/gone/handler.py").touch()
    assert refusal(root).startswith("functions/gone/function.toml does not exist")


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        ("owner =", "ower =", "unknown key 'ower'; did you mean 'owner'?"),
        ("owner =", "name =", "unknown key 'name'; there are access, delivery, description, "),
        ("samples =", "sample =", "unknown key 'sample' in [trigger]; did you mean 'samples'?"),
        (
            "GOOD",
            "[delivery]\nmax_attempt = 3",
            "unknown key 'max_attempt' in [delivery]; did you mean 'max_attempts'?",
        ),
        ('owner = "sales-team"', "", "owner is missing"),
        ('"sales-team"', "7", "owner must be a text, not 7"),
        (
            '"sales-team"',
            '"Sales Team"',
            "owner: 'Sales Team' must be lowercase words joined by '-' with at most 64 characters, because it names a",
        ),
        (
            '"sales-team"',
            f'"{"x" * 65}"',
            f"owner: '{'x' * 65}' {OWNER.form}; it has 65",
        ),
        ('"Welcome a customer."', '""', "description is empty"),
        (
            '"Welcome a customer."',
            f'"{"x" * 257}"',
            f"description: '{'x' * 78}… must have at most 256 characters, the limit of Lambda; it has 257",
        ),
        ("GOOD", "[delivery]\nbatch_size = 11", "delivery.batch_size is 11; it must be between 1 and 10"),
        (
            "GOOD",
            "[delivery]\nmax_concurrency = 1",
            "delivery.max_concurrency is 1; it must be between 2 and 1000, or 0",
        ),
        ("GOOD", "[delivery]\nbatch_size = true", "delivery.batch_size must be a whole number, not true"),
        ("GOOD", '[delivery]\nfair = "yes"', "delivery.fair must be true or false, not 'yes'"),
        ("GOOD", "[delivery]\nwakes = true", 'delivery.wakes needs order = "newest" in [delivery]'),
        ("GOOD", f"[settings]\nquiet = {'[' * 5_000}", "maximum recursion depth exceeded"),
        ("description =", "delivery = 3\ndescription =", "delivery must be a table, not 3"),
        ("GOOD", '[delivery]\norder = "newer"', "delivery.order is 'newer'; it must be one of none, newest; did you"),
        ("GOOD", "[delivery]\nmax_age_seconds = -1", "delivery.max_age_seconds is -1; it must be between 0 and"),
        ("GOOD", "[delivery]\nbackoff_cap_seconds = 0", "delivery.backoff_cap_seconds is 0; it must be between 1 and"),
        ("GOOD", "]", "Invalid statement (at line"),
    ],
)
def test_an_invalid_declaration_is_refused_with_file_and_key(root: Path, find: str, put: str, reason: str) -> None:
    """The message names the file, the key, the fault and, for a typo, the key that is near."""
    declare(root, "welcome", changed(find, put))
    assert refusal(root).startswith(f"functions/welcome/function.toml: {reason}")


@pytest.mark.parametrize("name", ["Welcome", "welcome-customer", "1st", "welcome__customer", "w" * 41, "über"])
def test_a_folder_that_is_not_snake_case_is_refused(root: Path, name: str) -> None:
    """The folder becomes a module and the name of a function, a queue and a rule."""
    declare(root, name, GOOD)
    assert f"the folder name '{name}' must be snake_case" in refusal(root)


def test_a_folder_without_declaration_is_refused(root: Path) -> None:
    """Otherwise a function without function.toml would silently not be deployed."""
    (root / "functions" / "forgotten").mkdir()
    assert refusal(root).startswith("functions/forgotten/function.toml does not exist; every folder in functions/")


@pytest.mark.parametrize("content", ["not json", "[]"])
def test_a_sample_that_is_not_an_event_is_refused(root: Path, content: str) -> None:
    """The message names the sample's file."""
    (root / "events" / "customer.created" / "ada.json").write_text(content, encoding="utf-8")
    declare(root, "welcome", GOOD)
    assert "events/customer.created/ada.json is not" in refusal(root)
