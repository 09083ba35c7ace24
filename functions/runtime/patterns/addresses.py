"""IP addresses and address blocks, as EventBridge's `cidr` parses and compares them.

EventBridge compares addresses as hexadecimal digits, 8 for IPv4 and 32 for IPv6, and a block as a range of digits. It
compares addresses of different families by the digits that both have: `0.0.0.0/0` contains every IPv6 address.
Addresses are parsed as Java parses them. Source: aws/event-ruler, CIDR.java and Range.java.
"""

import re
from functools import lru_cache
from typing import Final

IPV4: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
IPV6: Final = re.compile(r"[0-9a-fA-F:]+")
MASK: Final = re.compile(r"[+-]?[0-9]+")
IPV4_LENGTH: Final = 15  # Java resolves a longer text as a host name
MAPPED: Final = "0" * 20 + "ffff"  # an IPv4 address in the form of IPv6
GROUPS: Final = 8
GROUP_LIMIT: Final = 0x1_0000
CACHED: Final = 1_024  # many values are compared with the texts of a pattern

type Block = tuple[str, str]


@lru_cache(maxsize=CACHED)
def digits(text: str) -> str | None:
    """Return the hexadecimal digits of an address; None if the text is not an address."""
    if IPV4.fullmatch(text):
        octets = [int(octet) for octet in text.split(".")] if len(text) <= IPV4_LENGTH else [256]
        return "".join(f"{octet:02x}" for octet in octets) if max(octets) <= 255 else None  # noqa: PLR2004 - a byte
    if ":" not in text or not IPV6.fullmatch(text):
        return None
    found = _of_ipv6(text)
    return found.removeprefix(MAPPED) if found else None


@lru_cache(maxsize=CACHED)
def block(text: str) -> Block | None:
    """Return the first and the last address of a block such as 10.0.0.0/24; None if the text is not a block."""
    address, _, mask = text.rstrip("/").partition("/")
    low = digits(address)
    if low is None or not MASK.fullmatch(mask):
        return None
    free = len(low) * 4 - int(mask)
    if not 0 < free <= len(low) * 4:  # EventBridge refuses a block of one address
        return None
    first = int(low, 16) >> free << free
    return f"{first:0{len(low)}x}", f"{first | (1 << free) - 1:0{len(low)}x}"


def holds(wanted: Block, text: str) -> bool:
    """Return whether a text is an address in a block."""
    low, high = wanted
    found = digits(text)
    if found is None:
        return False
    if len(found) < len(low):
        return low[: len(found)] < found < high[: len(found)]
    return low <= found[: len(low)] <= high


def same(wanted: str, text: str) -> bool:
    """Return whether two texts are the same address, possibly in different notations."""
    address = digits(wanted)
    return address is not None and holds((address, address), text)


def _of_ipv6(text: str) -> str | None:
    head, gap, tail = text.partition("::")
    groups = [head.split(":") if head else [], tail.split(":") if tail else []]
    count = len(groups[0]) + len(groups[1])
    if count >= GROUPS if gap else count != GROUPS:
        return None
    numbers = [[int(group, 16) if group else GROUP_LIMIT for group in half] for half in groups]
    if any(number >= GROUP_LIMIT for half in numbers for number in half):
        return None
    first, last = ("".join(f"{number:04x}" for number in half) for half in numbers)
    return first + "0" * (4 * (GROUPS - count)) + last
