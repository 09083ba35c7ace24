"""Reads a rendered page: its elements, its visible text, and what could run a script."""

from html.parser import HTMLParser

VOID = frozenset({"input", "meta", "link", "br", "img"})


class Page(HTMLParser):
    """The elements and texts of a page; `faults` has end tags that do not match."""

    def __init__(self, source: str) -> None:
        """Read a page."""
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        self.faults += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element."""
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.texts.append(data)

    @property
    def text(self) -> str:
        """All texts, with single spaces."""
        return " ".join(" ".join(self.texts).split())

    def active(self) -> list[str]:
        """Return the elements and attributes that could run a script, load something or style it inline."""
        names = [name for name, _ in self.elements if name in {"script", "iframe", "img", "object", "embed", "use"}]
        attributes = [key for _, each in self.elements for key in each if key.startswith("on") or key == "style"]
        addresses = [each[key] or "" for _, each in self.elements for key in ("href", "src", "action") if key in each]
        schemes = [each for each in addresses if each.strip().lower().startswith(("javascript:", "data:"))]
        return names + attributes + schemes
