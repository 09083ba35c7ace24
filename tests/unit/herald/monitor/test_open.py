"""`herald open` prints links of the console, which `herald why` reads again."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from herald.deployment.deployment import Deployment
from herald.targets import console_links
from tests.unit.herald.investigate.installation import FILE, run, settled, totalled

if TYPE_CHECKING:
    from herald.targets.target import Target


def pages(*arguments: str) -> dict[str, str]:
    """Return the addresses by the names of the pages."""
    answer = json.loads(run("open", *arguments, "--json").stdout)
    return {each["name"]: each["address"] for each in answer["pages"]}


def understood(address: str) -> "Target":
    """Return what a link names."""
    return console_links.read(address, "dev")


def test_a_function(deployment: Deployment) -> None:
    """Its page and the page of its log name the function; the queues are those of the function."""
    found = pages("book")
    assert [understood(found[name]).function for name in ("function", "log")] == ["book", "book"]
    queues = deployment.queues["book"]
    assert found["queue"].endswith(queues["queue"].replace(":", "%3A").replace("/", "%2F"))
    assert found["dead-letter queue"].endswith("book-dead_letters")


def test_an_object(deployment: Deployment) -> None:
    """The object, the log of the function that ran, and the ledger; without the id of an event no traces."""
    totalled(deployment)
    found = pages(FILE)
    assert list(found) == ["object", "log of total", "ledger"]
    assert understood(found["object"]).subject == FILE
    assert understood(found["log of total"]).word == FILE


def test_an_event(deployment: Deployment) -> None:
    """The lines of the log are filtered by the id; the traces by its annotation."""
    settled(deployment, "invoice/1", "book", {"id": "e-1", "type": "invoice.totalled"})
    found = pages("e-1")
    assert list(found) == ["log of book", "traces", "ledger"]
    assert understood(found["log of book"]).word == "e-1"


def test_the_environment(deployment: Deployment) -> None:
    """Without an argument: the dashboard and the platform, each on one line."""
    assert deployment.queues
    lines = run("open").stdout.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "dashboard",
        "saved queries, folder herald-dev",
        "ledger",
        "undelivered events",
    ]
    assert lines[0].endswith("#dashboards/dashboard/herald-dev")


def test_only_with_the_option_a_browser_opens(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens the first page; a machine without a browser says so."""
    assert deployment.queues
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert pages("book")
    assert opened == []
    done = run("open", "book", "--browser")
    assert opened == [done.stdout.splitlines()[0].split()[1]]
    assert "no browser found" in str(done.exception)


def test_the_local_aws_has_no_console(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the command that serves a page."""
    local = replace(deployment, endpoint="http://127.0.0.1:4566")
    monkeypatch.setattr("herald.deployment.deployment.Deployment.choose", lambda **_: local)
    assert "`herald local open`" in str(run("open").exception)
