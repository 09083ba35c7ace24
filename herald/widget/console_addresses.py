"""Addresses in the AWS console: the log of a function and the traces of an event.

AWS does not document the forms of its addresses. herald/targets/console_links.py reads the same forms.
"""

from datetime import datetime
from typing import Final
from urllib.parse import quote

# The domain of the console in each partition, by the begin of the Region's name. Source: "AWS Management Console
# endpoints" of each partition.
DOMAINS: Final = {"cn-": "amazonaws.cn", "us-gov-": "amazonaws-us-gov.com"}
ONE_BYTE: Final = 0xFF


def log(region: str, group: str, word: str, begin: datetime, end: datetime) -> str:
    """Return the address of the lines of a log group that contain a word."""
    query = "".join(f"{_once(text)}{_twice(value)}" for text, value in _search(word, begin, end))
    return f"{log_group(region, group)}/log-events{query}"


def traces(region: str, event_id: str, begin: datetime, end: datetime) -> str:
    """Return the address of the traces with an event id; functions/runtime/core/telemetry annotates it."""
    expression = _starred(f'annotation.event_id = "{event_id}"')
    times = "~".join(f"{name}~'{_starred(each.isoformat())}" for name, each in (("end", end), ("start", begin)))
    return f"{cloudwatch(region)}#xray:traces/query?~(query~(expression~'{expression})~context~(timeRange~({times})))"


def cloudwatch(region: str) -> str:
    """Return the address of CloudWatch in a Region, without the fragment."""
    return page(region, "cloudwatch")


def page(region: str, service: str) -> str:
    """Return the address of a service's console in a Region, without the fragment."""
    return f"{host(region)}/{service}/home?region={region}"


def host(region: str) -> str:
    """Return the address of the console in a Region."""
    domain = next((each for begin, each in DOMAINS.items() if region.startswith(begin)), "aws.amazon.com")
    return f"https://{region}.console.{domain}"


def log_group(region: str, group: str) -> str:
    """Return the address of a log group."""
    return f"{cloudwatch(region)}#logsV2:log-groups/log-group/{_twice(group)}"


def _search(word: str, begin: datetime, end: datetime) -> list[tuple[str, str]]:
    times = (str(int(each.timestamp() * 1000)) for each in (begin, end))
    return [("?filterPattern=", f'"{word}"'), *zip(("&start=", "&end="), times, strict=True)]


def _once(text: str) -> str:
    """Return a text in the encoding of CloudWatch's fragments, which has `$` for `%`."""
    return quote(text, safe="", errors="replace").replace("%", "$")


def _twice(text: str) -> str:
    return _once(quote(text, safe="", errors="replace"))


def _starred(text: str) -> str:
    """Return a text in the encoding of X-Ray's fragments: `*` and two digits, or `**` and four for other characters."""
    return "".join(each if each.isascii() and (each.isalnum() or each in "._-") else _star(ord(each)) for each in text)


def _star(number: int) -> str:
    return f"*{number:02x}" if number <= ONE_BYTE else f"**{number:04x}"
