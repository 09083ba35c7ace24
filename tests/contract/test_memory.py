"""An object that a function may read at once always fits into the function's memory, with any content."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Final

import pytest

from functions.runtime.run import memory
from infra.declarations import loader
from infra.declarations.spec import FunctionSpec
from tests.memory_probe import STATUS

MEMORY_MB: Final = 256
READERS: Final = [
    spec for spec in loader.load() if spec.queued and any(each.kind == "bucket" for each in spec.access.read)
]
BOM: Final = b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": ['


def repeated(unit: bytes, *, head: bytes = b"[0", tail: bytes = b"]") -> Callable[[int], bytes]:
    """Return a function that makes a document of a given size by repeating a unit."""
    return lambda size: head + unit * ((size - len(head) - len(tail)) // len(unit)) + tail


def numbered(unit: bytes, *, head: bytes, tail: bytes, first: bytes = b"") -> Callable[[int], bytes]:
    """Return a function that makes a document of a given size from a unit with increasing numbers."""

    def make(size: int) -> bytes:
        units, left, number = [first], size - len(head) - len(tail) - len(first), 0
        while True:
            number += 1
            each = unit % number
            left -= len(each)
            if left < 0:
                return b"".join([head, *units, tail])
            units.append(each)

    return make


WORST: Final[dict[str, Callable[[int], bytes]]] = {
    "lists": repeated(b",[]"),
    "objects": repeated(b",{}"),
    "objects in objects": repeated(b"," + b'{"":' * 90 + b"0" + b"}" * 90),
    "lists in lists, wide text": repeated(b"," + b"[" * 900 + b"0" + b"]" * 900, head='["😀"'.encode()),
    "brackets": lambda size: b"[" * size,
    "a number": repeated(b"1", head=b"", tail=b""),
    "names": numbered(b',{"%x":0}', head=b"[0", tail=b"]"),
    "components": numbered(b',{"type":"a","name":"%x"}', head=BOM, first=b'{"type":"a","name":"0"}', tail=b"]}"),
    "tags": numbered(b"<a%x/>", head=b"<testsuites>", tail=b"</testsuites>"),
    "attributes": numbered(b"a%x='' ", head=b"<testsuites ", tail=b"/>"),
    "elements in elements": repeated(b"<testsuite>", head=b"<testsuites>", tail=b""),
    "a comment": repeated(b"x", head=b"<testsuites><!--", tail=b"--></testsuites>"),
    "failures": repeated(b"<testcase><failure/></testcase>", head=b"<testsuite>", tail=b"</testsuite>"),
    "columns": repeated(b"a,", head=b"", tail=b"\n"),
    "lines": repeated(b"a\n", head=b"", tail=b""),
}


@pytest.mark.long
@pytest.mark.skipif(not STATUS.exists(), reason="only Linux reports the peak memory of a process")
@pytest.mark.parametrize("case", WORST)
@pytest.mark.parametrize("spec", READERS, ids=lambda spec: spec.name)
def test_whatever_is_read_fits_into_the_memory(spec: FunctionSpec, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the largest allowed object, the worker stays below its memory and ends with a decision."""
    monkeypatch.setenv(memory.VARIABLE, str(MEMORY_MB))
    content = WORST[case](memory.read_limit_bytes())
    probe = subprocess.run(
        [sys.executable, "-m", "tests.memory_probe", spec.name, spec.trigger.samples[0]],
        input=content,
        stdout=subprocess.PIPE,
        cwd=loader.ROOT,
        env=os.environ | {"AWS_DEFAULT_REGION": "eu-west-1"},
        check=True,
    )
    peak, ending = probe.stdout.decode().split()
    assert int(peak) <= MEMORY_MB
    assert ending in {"returned", "MalformedError"}


@pytest.mark.parametrize(("mb", "limit"), [("128", 466_033), ("512", 6_058_439), ("1769", 24_364_828)])
def test_the_limit_follows_from_the_memory(mb: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is derived from the memory that Lambda reports."""
    monkeypatch.setenv(memory.VARIABLE, mb)
    assert memory.read_limit_bytes() == limit


def test_without_lambda_the_default_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default memory is the default of function.toml."""
    monkeypatch.delenv(memory.VARIABLE, raising=False)
    (default,) = [each.default for each in FunctionSpec.__dataclass_fields__.values() if each.name == "memory_mb"]
    assert memory.memory_mb() == default
