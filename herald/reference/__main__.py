"""Writes docs/reference/: `make reference`."""

from herald.reference import pages
from infra.declarations.loader import ROOT

FOLDER = ROOT / "docs" / "reference"

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
