"""Writes docs/cost.md: `make cost`."""

import json
import tempfile

from infra import stacks  # before aws_cdk: infra.constructs sets the path of Node.js
from infra.declarations import loader

from aws_cdk import App  # isort: skip

from herald.cost import cost_page
from herald.cost.inventory import Inventory, read

FILE = loader.ROOT / "docs" / "cost.md"
ENVIRONMENT = "prod"


def main() -> None:
    """Synthesize the stacks of prod without building assets, and write the page."""
    context = json.loads((loader.ROOT / "cdk.json").read_bytes())["context"]
    with tempfile.TemporaryDirectory() as directory:
        app = App(outdir=directory, context=context | {"env": ENVIRONMENT, "aws:cdk:bundling-stacks": []})
        stacks.build(app, loader.load())
        app.synth()
        inventory = Inventory.of(read(directory), ENVIRONMENT, loader.load())
    FILE.write_text(cost_page.page(inventory), encoding="utf-8")


if __name__ == "__main__":
    main()
