"""The local page in headless Chromium, served by its real server: layout, keyboard, accessibility, safety."""

import os
from pathlib import Path
from typing import Any, Final

import pytest

from herald.page import frame
from herald.page.trace_view import trace_view
from infra.declarations.loader import ROOT
from tests.browser.conftest import Site
from tests.browser.devtools import CHROMIUM, Browser
from tests.unit.herald.page.answers import NOW, Links, failed_chain

AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES: Final = os.environ.get("HERALD_PICTURES")  # a folder in which to keep pictures of all views
VIEWS: Final = {
    "runs": "/",
    "second page": "/?page=2",
    "no runs": "/?function=none",
    "failed": "/subject?subject=failed",
    "hostile": "/subject?subject=hostile",
    "trace": "/trace?id=failed",
    "dead letters": "/dead-letters",
    "functions": "/functions",
    "error": "/subject",
}
# Elements with text of their own that end beyond the window, or whose text is cut; scrolling parts may be wider.
BEYOND: Final = """[...document.body.querySelectorAll("*")].filter((each) =>
  [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && each.checkVisibility()
  && !each.closest("pre, .frame, .skip, thead, select")
  && each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.outerHTML.slice(0, 120))"""
REACHED: Final = """[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
  .filter((each) => each.checkVisibility())"""
FOCUS: Final = """(() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    name: at.tagName, text: (at.textContent || at.name).trim().slice(0, 60),
    shown: style.outlineStyle !== "none" && style.outlineWidth !== "0px",
    inside: box.width > 0 && box.left >= 0 && box.top < innerHeight && box.bottom > 0,
  };
})()"""

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="there is no /usr/bin/chromium to look at the page: apt-get install chromium"
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("view", VIEWS)
def test_everything_is_to_be_seen(visitor: Browser, site: Site, view: str, width: int, scheme: str) -> None:
    """No view scrolls sideways or cuts a text; the policy blocks nothing of the page; axe-core finds no violation."""
    visitor.show(width, scheme)
    visitor.open(site.address(VIEWS[view]))
    if PICTURES:
        visitor.picture(Path(PICTURES) / f"{view.replace(' ', '-')}-{width}-{scheme}.png")
    assert visitor.evaluate("innerWidth") == width
    assert visitor.evaluate("document.documentElement.scrollWidth") <= width
    assert visitor.evaluate(BEYOND) == []
    back = visitor.evaluate("getComputedStyle(document.body).backgroundColor")
    assert back == {"light": "rgb(251, 251, 250)", "dark": "rgb(19, 22, 26)"}[scheme]
    assert [fault for fault in visitor.faults() if "400" not in fault] == []
    assert violations(visitor) == {}


def violations(visitor: Browser) -> dict[str, list[str]]:
    """Return the violations that axe-core finds on a page, with their elements."""
    if not AXE.exists():
        pytest.skip("node_modules has no axe-core: run `make setup`")
    visitor.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found: Any = visitor.evaluate("axe.run().then((result) => result.violations)")
    return {each["id"]: [node["html"][:200] for node in each["nodes"]] for each in found}


def test_axe_would_find_a_violation(visitor: Browser, site: Site) -> None:
    """The check above can fail."""
    visitor.open(site.address("/functions"))
    visitor.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert "image-alt" in violations(visitor)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("view", ["runs", "failed", "dead letters"])
def test_the_keyboard_reaches_everything(visitor: Browser, site: Site, view: str, width: int) -> None:
    """Each link, field and scrolling part in the order of the page; the focus is always visible."""
    visitor.show(width, "light")
    visitor.open(site.address(VIEWS[view]))
    expected = visitor.evaluate(f"{REACHED}.length")
    seen = []
    for _ in range(expected):
        visitor.press("Tab")
        seen.append(visitor.evaluate(FOCUS))
    assert seen[0]["text"] == "Skip to the content"
    assert [each for each in seen if each["name"] == "BODY" or not each["shown"] or not each["inside"]] == []
    assert visitor.evaluate(f"document.activeElement === {REACHED}.at(-1)")


def test_the_skip_link_leads_to_the_content(visitor: Browser, site: Site) -> None:
    """Enter follows it, and the next Tab is inside the content."""
    visitor.open(site.address("/functions"))
    visitor.press("Tab")
    visitor.press("Enter")
    visitor.press("Tab")
    assert visitor.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_filter_is_sent_by_keyboard(visitor: Browser, site: Site) -> None:
    """Enter in the search field shows the runs that match."""
    visitor.open(site.address("/"))
    visitor.evaluate("document.getElementById('field-text').focus()")
    visitor.call("Input.insertText", text="reports/4999.xml")
    visitor.press("Enter")
    visitor.wait_for("location.search.includes('4999') && document.querySelectorAll('tbody tr').length === 1")
    assert visitor.evaluate("document.querySelector('caption').textContent").startswith("1 run,")


def test_no_hostile_text_runs(visitor: Browser, site: Site) -> None:
    """Neither in the list nor on the run page; the escapes are visible and the texts are isolated."""
    for path in ("/", VIEWS["hostile"], "/dead-letters", "/functions"):
        visitor.open(site.address(path))
        assert visitor.evaluate("document.querySelectorAll('img, script:not([src])').length") == 0
        assert r"\u202etxt.exe\u200f" in visitor.evaluate("document.body.innerText")
    assert visitor.evaluate("getComputedStyle(document.querySelector('bdi')).unicodeBidi") == "isolate"


def test_the_list_updates_by_itself(visitor: Browser, site: Site) -> None:
    """The script replaces the list by what the server has now, without a reload of the page."""
    visitor.open(site.address("/"))
    visitor.evaluate("window.kept = true; document.querySelector('#live caption').textContent = 'old'; 0")
    visitor.wait_for("document.querySelector('#live caption').textContent !== 'old'")
    assert visitor.evaluate("window.kept")
    assert visitor.evaluate("document.getElementById('live-state').textContent") == "The list updates every 5 seconds."


def test_the_page_works_without_script(visitor: Browser, site: Site) -> None:
    """The list reloads itself; filters, pages and views are links and forms."""
    visitor.show(1280, "light", script=False)
    visitor.open(site.address("/"))
    document = visitor.call("DOM.getDocument", depth=-1)["root"]
    found = visitor.call("DOM.querySelectorAll", nodeId=document["nodeId"], selector="head noscript meta, tbody tr")
    assert len(found["nodeIds"]) == 101
    visitor.show(1280, "light")


@pytest.mark.parametrize(("theme", "back"), [("dark", "rgb(19, 22, 26)"), ("light", "rgb(251, 251, 250)")])
def test_a_fragment_has_the_theme_of_its_place(chromium: Browser, tmp_path: Path, theme: str, back: str) -> None:
    """CloudWatch passes its theme, which may differ from the scheme that the user's system prefers."""
    chromium.show(1280, "light" if theme == "dark" else "dark")
    file = tmp_path / "widget.html"
    content = trace_view("c1", failed_chain(), Links(), now=NOW)
    file.write_text(f"<!doctype html><meta charset=utf-8>{frame.fragment(content, theme=theme)}", encoding="utf-8")
    chromium.open(file.as_uri())
    chromium.wait_for("document.querySelector('.herald') !== null")
    assert chromium.evaluate("getComputedStyle(document.querySelector('.herald')).backgroundColor") == back
    assert chromium.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
