"""The values that a spec derives from its declaration."""

from typing import Any

import pytest

from infra.declarations import validation
from infra.declarations.field_rules import SpecError
from infra.declarations.spec import FunctionSpec, Trigger
from infra.declarations.tables.logging_spec import LoggingSpec


@pytest.mark.parametrize(
    ("source", "buses"),
    [
        (["aws.s3"], ("default",)),
        ([{"prefix": "aws."}], ("default",)),
        (["shop"], ("herald",)),
        ([{"anything-but": "shop"}], ("herald",)),
        (["aws.s3", "shop"], ("default", "herald")),
    ],
)
def test_the_source_decides_the_bus(source: list[Any], buses: tuple[str, ...]) -> None:
    """Events with a source that begins with aws. are on the default bus, all others on the bus herald."""
    pattern = {"source": source}
    spec = FunctionSpec(name="f", description="d", owner="o", trigger=Trigger(samples=("s",), pattern=pattern))
    assert spec.buses == buses


def test_a_share_may_be_a_whole_number_of_toml() -> None:
    """1 is a number as 1.0 is; true is none, and a share is at most 1."""
    assert validation.read(LoggingSpec, {"sample": 1}).sample == 1.0
    assert validation.read(LoggingSpec, {}).level == ""
    for value, fault in ((True, "sample must be a number"), (1.5, "sample is 1.5; it must be between 0 and 1")):
        with pytest.raises(SpecError, match=fault):
            validation.read(LoggingSpec, {"sample": value})
