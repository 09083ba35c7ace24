"""What all tests share: a local AWS of their own, beside the one that `herald local up` starts."""

import os
from pathlib import Path

# Set before anything imports herald: a demo that is running keeps its own emulator and state.
os.environ["HERALD_STATE"] = str(Path(__file__).parent.parent / ".herald" / "tests")
