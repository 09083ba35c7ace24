"""The command runs the code of the checkout in which it is typed."""

import os
import subprocess
import sys
from pathlib import Path

from herald.__main__ import checkout
from infra.declarations.loader import ROOT


def test_a_folder_of_a_checkout_belongs_to_it() -> None:
    """However deep."""
    assert checkout(ROOT / "functions" / "notify") == ROOT
    assert checkout(ROOT.parent) is None


def test_an_installed_command_runs_the_code_of_the_checkout(tmp_path: Path) -> None:
    """An installation that lies elsewhere hands over to the checkout, with its arguments and its exit code."""
    (tmp_path / "checkout" / "functions").mkdir(parents=True)
    (tmp_path / "checkout" / "cdk.json").touch()
    here = tmp_path / "checkout" / "herald"
    here.mkdir()
    (here / "__init__.py").touch()
    (here / "__main__.py").write_text("import sys; print(sys.argv[1:]); sys.exit(3)", encoding="utf-8")
    command = [sys.executable, "-c", "from herald.__main__ import main; main()", "why", "a subject"]
    done = subprocess.run(
        command,
        cwd=tmp_path / "checkout" / "functions",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("['why', 'a subject']\n", 3), done.stderr
