"""The `herald` command: it runs the code of the checkout in which it is typed."""

import os
import sys
from pathlib import Path
from typing import Final

INSTALLED: Final = Path(__file__).parents[1]


def main() -> None:
    """Run the command line of the checkout that contains the working directory, else the installed one.

    `pip install .` copies Herald's packages beside the other libraries. Functions, contracts and the runtime that a
    command reads and deploys are those of the checkout, so its code has to read them.
    """
    root = checkout(Path.cwd())
    if root and root != INSTALLED:
        path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
        os.execve(sys.executable, [sys.executable, "-m", "herald", *sys.argv[1:]], os.environ | {"PYTHONPATH": path})  # noqa: S606 - the same program
    from herald.cli import main as run  # noqa: PLC0415 - the code of the checkout, which may be another one

    run()


def checkout(folder: Path) -> Path | None:
    """Return the checkout of Herald that a folder is in, None where it is in none."""
    for each in (folder, *folder.parents):
        if all((each / name).exists() for name in ("cdk.json", "functions", "herald/__main__.py")):
            return each
    return None


if __name__ == "__main__":
    main()
