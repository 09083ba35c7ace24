"""What stands around a view: a whole HTML document for the local page, a fragment for the widget."""

from typing import Final

from herald.markup import Markup, asset, tag, together, void

# `auto` follows the system of the reader; CloudWatch passes `light` or `dark` in widgetContext.theme.
THEMES: Final = ("auto", "light", "dark")
NAVIGATION: Final = (
    ("/", "Runs"),
    ("/dead-letters", "Dead letters"),
    ("/functions", "Functions"),
)


def style() -> Markup:
    """Return the style of all views."""
    return together(asset("colors.css"), asset("page/style.css"))


def fragment(content: Markup, *, theme: str = "auto") -> Markup:
    """Return a view with its style, for a place inside another page; it has no script."""
    return together(tag("style", style()), tag("div", content, class_="herald", data_theme=theme))


def document(title: str, content: Markup, *, where: str, here: str = "", head: str = "", theme: str = "auto") -> str:
    """Return a whole page; `here` is the path of the current view, `head` holds more elements of the head."""
    body = tag(
        "body",
        tag("a", "Skip to the content", href="#content", class_="skip"),
        tag("header", tag("p", tag("strong", "Herald"), f" {where}", class_="brand"), _navigation(here)),
        tag("main", content, id="content", tabindex=-1),
        tag("footer", tag("p", "Times are in UTC. This page is served on this machine only.")),
        class_="herald",
        data_theme=theme,
    )
    return f"<!doctype html>\n{tag('html', _head(title, head, theme), body, lang='en')}\n"


def _head(title: str, more: str, theme: str) -> Markup:
    return tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark" if theme == "auto" else theme),
        tag("title", f"{title} - Herald"),
        void("link", rel="stylesheet", href="/style.css"),
        more,
    )


def _navigation(here: str) -> Markup:
    links = (
        tag("li", tag("a", label, href=path, **({"aria_current": "page"} if path == here else {})))
        for path, label in NAVIGATION
    )
    return tag("nav", tag("ul", *links), aria_label="Views")
