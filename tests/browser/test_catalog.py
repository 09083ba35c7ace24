"""The page in a browser: headless Chromium loads it in windows of two widths, and measures it with real fonts."""

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from herald.catalog import page
from infra.declarations import loader
from tests.repositories import generate, hostile, read

CHROMIUM: Final = Path("/usr/bin/chromium")
SECONDS: Final = 90
ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--dump-dom",
)
# The page is in a frame of the width in question, so that the window's least width does not count, nor does what
# measures it have to be let in by the page's policy.
FRAME: Final = """<!doctype html><iframe width="{width}" height="800" srcdoc="{page}"></iframe>
<pre id="answer"></pre><script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {{
  const page = frame.contentDocument, view = frame.contentWindow;
  const shown = (element) => element.checkVisibility() && !element.closest(".skip, thead");
  const scrolls = (element) => element.closest("pre, .frame");
  const words = (each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const written = [...page.body.querySelectorAll(":not(script)")].filter((each) => shown(each) && words(each));
  const beyond = written.filter((each) => !scrolls(each) && each.getBoundingClientRect().right > view.innerWidth);
  const cut = [...page.body.querySelectorAll("*")].filter((each) =>
    shown(each) && view.getComputedStyle(each).overflowX === "hidden" && each.scrollWidth > each.clientWidth);
  const outside = [...page.querySelectorAll("#picture .node")].filter((node) => {{
    const box = node.querySelector("rect").getBoundingClientRect();
    return [...node.querySelectorAll("text")].map((text) => text.getBoundingClientRect()).some((text) =>
      text.left < box.left || text.right > box.right || text.top < box.top || text.bottom > box.bottom);
  }});
  const node = page.querySelector("#picture .node.function");
  node.dispatchEvent(new PointerEvent("pointerover", {{ bubbles: true }}));
  const told = (elements) => elements.map((each) => each.textContent.slice(0, 80));
  document.getElementById("answer").textContent = JSON.stringify({{
    width: view.innerWidth,
    scrollWidth: page.documentElement.scrollWidth,
    written: written.length,
    beyond: told(beyond), cut: told(cut), outside: told(outside),
    near: page.querySelectorAll("#picture .node.near").length,
    far: page.querySelectorAll("#picture .node:not(.near)").length,
    boxed: view.getComputedStyle(page.querySelector("#functions article")).borderTopStyle,
  }});
}});
</script>"""

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="there is no /usr/bin/chromium to look at the page: apt-get install chromium"
)


def measured(source: str, width: int, tmp_path: Path) -> dict[str, Any]:
    """Return what Chromium measures of a page in a window of this width."""
    file = tmp_path / "frame.html"
    file.write_text(FRAME.format(width=width, page=html.escape(source)), encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    ran = subprocess.run(
        [CHROMIUM, *ARGUMENTS, profile, file.as_uri()], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    answer = re.search(r'<pre id="answer">(.+?)</pre>', ran.stdout, re.DOTALL)
    assert answer, ran.stderr
    found: dict[str, Any] = json.loads(html.unescape(answer[1]))
    return found


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("kind", ["this repository", "100 functions", "hostile"])
def test_everything_is_to_be_seen(kind: str, width: int, tmp_path: Path) -> None:
    """The page never scrolls sideways, no text is cut, and every word of the picture is in its box.

    Style and script work under the page's policy: articles have borders, and pointing at a box shows its neighbours.
    """
    root = generate(tmp_path / "repository", 100) if kind == "100 functions" else loader.ROOT
    answer = measured(page.render(hostile() if kind == "hostile" else read(root)), width, tmp_path)
    assert answer["width"] == width
    assert answer["scrollWidth"] <= width
    assert answer["written"] > 20
    assert (answer["beyond"], answer["cut"], answer["outside"]) == ([], [], [])
    assert answer["near"] > 1
    assert kind != "100 functions" or answer["far"] > 100
    assert answer["boxed"] == "solid"
