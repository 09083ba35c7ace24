"""The page: everything is on it, every link leads somewhere, and nothing is taken for markup."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from herald import catalog
from herald.catalog import page, reading, schema_rows, sections
from herald.cli import app
from herald.errors import CommandError
from herald.markup import anchor
from infra.declarations import loader
from infra.declarations.spec import OWN_SECRET, SpecError
from infra.flow.graph import Flow
from tests.repositories import contract, domain_sample, generate, hostile, read, write


class Page(HTMLParser):
    """Reads a page: its elements, the ids and the links in it, and its words."""

    def __init__(self, source: str) -> None:
        """Read it all."""
        super().__init__()
        self.elements, self.ids, self.links = Counter[str](), Counter[str](), set[str]()
        self.attributes, self.words = set[str](), ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element says of itself."""
        self.elements[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        found = dict(attrs)
        if found.get("id"):
            self.ids[str(found["id"])] += 1
        if tag == "a":
            self.links.add(str(found["href"]))

    def handle_data(self, data: str) -> None:
        """Note the words."""
        self.words += data


FLOWS: Final[dict[str, Callable[[Path], Flow]]] = {
    "this repository": lambda _: read(loader.ROOT),
    "hostile": lambda _: hostile(),
    "no function": lambda root: read(generate(root, 0)),
    "1 function": lambda root: read(generate(root, 1)),
    "10 functions": lambda root: read(generate(root, 10)),
    "100 functions": lambda root: read(generate(root, 100)),
}


@pytest.fixture(params=FLOWS)
def found(request: pytest.FixtureRequest, tmp_path: Path) -> Flow:
    """Return a flow of each kind."""
    make: Callable[[Path], Flow] = FLOWS[request.param]
    return make(tmp_path)


def test_every_link_on_the_page_leads_to_one_place_on_it(found: Flow) -> None:
    """Ids are there and unique, and no link leaves the page."""
    shown = Page(page.render(found))
    assert {name for name, count in shown.ids.items() if count > 1} == set()
    assert {link for link in shown.links if link[0] != "#" or link[1:] not in shown.ids} == set()


def test_every_function_and_event_has_its_place(found: Flow) -> None:
    """Each in its section and, but for what nobody makes or hears, in the picture."""
    source = page.render(found)
    for kind, name in [("function", each.name) for each in found.specs] + [
        ("event", each.name) for each in found.events
    ]:
        assert f'<article id="{anchor(kind, name)}"' in source
    for spec in found.specs:
        assert re.search(rf'<a class="node function"[^>]*href="#{re.escape(anchor("function", spec.name))}"', source)


def test_the_page_asks_nothing_of_any_network(found: Flow) -> None:
    """No element and no attribute that loads, and a policy that would forbid it."""
    shown = Page(page.render(found))
    assert shown.attributes & {"src", "srcset", "style", "onerror", "onload", "onclick", "action"} == set()
    assert set(shown.elements) & {"img", "iframe", "object", "embed", "form", "link", "base"} == set()
    assert shown.elements["script"] == shown.elements["style"] == 1
    assert "url(" not in page.render(found)
    assert "default-src &#x27;none&#x27;" in page.render(found)


def test_a_secret_of_its_own_is_shown_as_such() -> None:
    """Beside one of the platform, which others may read too."""
    flow = read(loader.ROOT)
    (spec,) = [each for each in flow.specs if each.name == "receive_webhook"]
    shown = sections.function(replace(spec, secrets={**spec.secrets, "mine": OWN_SECRET}), flow)
    assert "<code>secret.webhooks</code></li>" in shown
    assert "<code>secret.own</code>, this function only</li>" in shown


def test_hostile_texts_are_shown_as_what_they_are() -> None:
    """In names, descriptions, owners, patterns, fields and samples: shown, and never an element of the page."""
    source = page.render(hostile())
    assert "<img" not in source
    assert not re.search(r"[\x00\x1b\u202e]", source)
    assert source.count("&lt;img src=x onerror=alert(1)&gt;") > 10


def test_warnings_are_on_the_page(tmp_path: Path) -> None:
    """Each with a link to what it is about."""
    root = generate(tmp_path, 10)
    write(root / "events" / "no.use" / "1.schema.json", contract("no.use"))
    shown = Page(page.render(read(root)))
    assert "invoice.reconciled is consumed by no function." in shown.words
    assert (
        "publish_invoice waits for order.validated, which no function emits and no contract describes." in shown.words
    )
    assert "no.use has a contract or a sample, but no function emits or consumes it." in shown.words


def test_fields_are_read_however_deep_and_however_often() -> None:
    """Objects, arrays, references, alternatives; a type that contains itself ends."""
    node = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 9}}}
    node["properties"]["parts"] = {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 4}  # type: ignore[index] # a dict
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["tree"],
        "properties": {
            "tree": {"$ref": "#/$defs/node", "description": "All of it."},
            "kind": {"enum": ["a", 1, None]},
            "size": {"type": ["integer", "null"], "minimum": 0},
            "way": {"oneOf": [{"const": "x"}, {"type": "object", "properties": {"by": True}}]},
            "more": {"type": "object", "additionalProperties": {"type": "number"}},
        },
        "$defs": {"node": node},
    }
    rows = [(field.path, field.type, field.required) for field in schema_rows.rows(schema)]
    assert rows == [
        ("tree", "object", True),
        ("tree.name", "string, at most 9 long", True),
        ("tree.parts", "array of node, as above, at most 4 items", False),
        ("kind", '"a" or 1 or null', False),
        ("size", "integer or null, ≥ 0", False),
        ("way", '"x" or object', False),
        ("way.by", "anything", False),
        ("more", "object", False),
        ("more.*", "number", False),
    ]


def test_what_was_written_is_said(tmp_path: Path) -> None:
    """The page or the document, from the repository it is given."""
    root = generate(tmp_path / "repository", 3)
    written = catalog.write(root, tmp_path / "page.html", as_asyncapi=False)
    assert (written.functions, written.events) == (3, 4)
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    catalog.write(root, tmp_path / "asyncapi.json", as_asyncapi=True)
    assert json.loads((tmp_path / "asyncapi.json").read_text(encoding="utf-8"))["channels"]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """And so is the reason."""
    with pytest.raises(CommandError, match=r"none/page\.html cannot be written: No such file"):
        catalog.write(generate(tmp_path, 1), tmp_path / "none" / "page.html", as_asyncapi=False)


@pytest.mark.parametrize(("content", "fault"), [("{", "is not JSON"), ("[]", "must be a JSON object")])
def test_a_contract_that_cannot_be_read_is_named(tmp_path: Path, content: str, fault: str) -> None:
    """With its file."""
    root = generate(tmp_path, 1)
    write(root / "events" / "x.done" / "2.schema.json", content)
    with pytest.raises(SpecError, match=rf"events/x\.done/2\.schema\.json .*{fault}"):
        list(reading.event_types(root))


def test_all_versions_of_a_contract_are_shown(tmp_path: Path) -> None:
    """The newest first, and its description above them."""
    root = generate(tmp_path, 1)
    for version in (1, 2, 10):
        write(
            root / "events" / "x.done" / f"{version}.schema.json",
            contract("x.done") | {"description": f"No. {version}."},
        )
    write(root / "events" / "x.done" / "made.json", domain_sample("x.done", "crm"))
    source = page.render(read(root))
    places = [source.index(f"Version {version} of the data") for version in (10, 2)]
    assert places == sorted(places)
    assert "No. 10." in source


def test_the_command_says_what_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into the current directory unless it is told where."""
    monkeypatch.chdir(tmp_path)
    page_ = CliRunner().invoke(app, ["catalog"])
    document = CliRunner().invoke(app, ["catalog", "--asyncapi", "--out", "events.json"])
    assert page_.stdout.startswith(f"Wrote catalog.html: {len(loader.load())} functions, ")
    assert document.stdout.startswith("Wrote events.json: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalog.html", "events.json"]
