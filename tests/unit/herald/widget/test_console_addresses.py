"""Addresses in the console: the commands read them back."""

import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herald.targets import console_links
from herald.targets.target import Target
from herald.widget import console_addresses

BEGIN: Final = datetime(2026, 11, 28, 11, tzinfo=UTC)
END: Final = datetime(2026, 11, 28, 13, tzinfo=UTC)


def test_the_address_of_a_log_has_group_word_and_times() -> None:
    """`herald why` understands the address."""
    found = console_addresses.log("eu-west-1", "/aws/lambda/herald-dev-book", "e-7", BEGIN, END)
    assert found == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/"
        "$252Faws$252Flambda$252Fherald-dev-book/log-events$3FfilterPattern$3D$2522e-7$2522"
        "$26start$3D1795863600000$26end$3D1795870800000"
    )
    assert console_links.read(found, "dev") == Target(word="e-7")


def test_the_address_of_traces_has_the_annotation() -> None:
    """And the time in which X-Ray searches."""
    found = console_addresses.traces("eu-west-1", "e-7", BEGIN, END)
    assert found.partition("#")[2] == (
        "xray:traces/query?~(query~(expression~'annotation.event_id*20*3d*20*22e-7*22)~context~(timeRange~"
        "(end~'2026-11-28T13*3a00*3a00*2b00*3a00~start~'2026-11-28T11*3a00*3a00*2b00*3a00)))"
    )


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("us-east-1", "us-east-1.console.aws.amazon.com"),
    ],
)
def test_each_partition_has_its_console(region: str, host: str) -> None:
    """`herald why` accepts the same hosts."""
    for address in (
        console_addresses.log(region, "g", "w", BEGIN, END),
        console_addresses.traces(region, "w", BEGIN, END),
    ):
        assert urlsplit(address).netloc == host
        assert console_links.CONSOLE.fullmatch(host)


@given(st.text())
def test_any_id_stays_inside_its_address(text: str) -> None:
    """An event id is a text of its producer."""
    made = (
        console_addresses.log("eu-west-1", "g", text, BEGIN, END),
        console_addresses.traces("eu-west-1", text, BEGIN, END),
    )
    for address in made:
        assert re.fullmatch(r"https://[A-Za-z0-9.$*~()'?#:=/_&-]*", address)
