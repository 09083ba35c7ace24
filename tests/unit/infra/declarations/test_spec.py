"""The values that a spec derives from its declaration."""

from typing import Any

import pytest

from infra.declarations.spec import FunctionSpec, Trigger


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
