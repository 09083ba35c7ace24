"""Texts for people, in a terminal or on a page: without control characters, and with plurals."""


def readable(text: str) -> str:
    """Return the text with unprintable characters escaped, so that a key cannot control the terminal."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def counted(count: int, noun: str, one: str = "", many: str = "") -> str:
    """Return a number and its noun, followed by the singular or plural verb."""
    return " ".join(filter(None, (str(count), noun if count == 1 else f"{noun}s", one if count == 1 else many)))
