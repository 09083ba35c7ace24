"""The widget's answers in headless Chromium, inside a page as CloudWatch has it: theme, layout, safety, axe-core."""

from pathlib import Path
from typing import Any, Final

import pytest

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.widget import handler
from tests.browser.devtools import CHROMIUM, Browser
from tests.browser.test_page import BEYOND, PICTURES, violations
from tests.unit.herald.investigate.installation import settled
from tests.unit.herald.page.answers import HOSTILE
from tests.unit.herald.page.conftest import deployment
from tests.unit.herald.page.failed_run import dead_letter, failed_run
from tests.unit.herald.widget.dashboard import Dashboard

__all__ = ["deployment"]

KEY: Final = HOSTILE.replace("\ud800", "") + "/" + "k" * 900
BACKS: Final = {"light": "rgb(251, 251, 250)", "dark": "rgb(19, 22, 26)"}
CALLS: Final[dict[str, dict[str, Any]]] = {
    "runs": {},
    "run page": {"view": "subject", "subject": "invoice/7"},
    "trace": {"view": "trace", "id": "c1"},
    "hostile": {"view": "subject", "subject": f"subject:{KEY}"},
    "redrive": {"view": "redrive", "function": "book"},
    "error": {"view": "subject", "subject": "s3://invoices/none"},
}

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="there is no /usr/bin/chromium to look at the widget: apt-get install chromium"
)


@pytest.fixture
def dashboard(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    """Return a dashboard with a failed run, its dead letter, and a run of a hostile key."""
    failed_run(deployment)
    dead_letter(deployment)
    event = {"id": "e9", "type": "x"}
    settled(deployment, KEY, "book", event, decision="dead", reason=HOSTILE.replace("\ud800", ""), correlation_id="c9")
    monkeypatch.setattr(handler, "deployment", lambda: deployment)
    monkeypatch.setattr(functions, "error_log", lambda _deployment, name: f"/aws/lambda/herald-dev-{name}")
    return Dashboard()


@pytest.mark.parametrize("shown", [(width, theme) for width in (1280, 390) for theme in ("light", "dark")])
@pytest.mark.parametrize("call", CALLS)
def test_everything_is_to_be_seen(
    chromium: Browser, dashboard: Dashboard, tmp_path: Path, call: str, shown: tuple[int, str]
) -> None:
    """In the theme of the dashboard, whatever the system prefers; axe-core finds no violation."""
    width, theme = shown
    dashboard.context = {"theme": theme}
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Dashboard</title><main>'
    file = tmp_path / "dashboard.html"
    file.write_text(f"{head}{dashboard.call(**CALLS[call])}</main>", encoding="utf-8")
    chromium.show(width, "light" if theme == "dark" else "dark")
    chromium.open(file.as_uri())
    chromium.wait_for("document.querySelector('.herald h1') !== null")
    if PICTURES:
        chromium.picture(Path(PICTURES) / f"widget-{call.replace(' ', '-')}-{width}-{theme}.png")
    assert chromium.evaluate("getComputedStyle(document.querySelector('.herald')).backgroundColor") == BACKS[theme]
    assert chromium.evaluate("document.documentElement.scrollWidth") <= width
    assert chromium.evaluate(BEYOND) == []
    assert chromium.evaluate("document.querySelectorAll('script, img, iframe').length") == 0
    actions = "[...document.querySelectorAll('cwdb-action')]"
    assert chromium.evaluate(f"{actions}.every((each) => each.previousElementSibling.tagName === 'BUTTON')")
    assert chromium.evaluate(f"{actions}.every((each) => JSON.parse(each.textContent).view)")
    assert chromium.evaluate(f"{actions}.every((each) => JSON.parse(each.innerHTML).view)")
    assert violations(chromium) == {}
