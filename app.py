"""The CDK app, which turns the declarations in functions/ into stacks without calling AWS."""

import sys

from aws_cdk import App

from infra import stacks
from infra.declarations import code_scan, loader, settings_model
from infra.declarations.spec import SpecError


def main() -> None:
    """Build and synthesize the app.

    For a wrong declaration, or code that cannot be imported or run with its settings, the program prints one line and
    exits with code 1.
    """
    app = App()
    try:
        specs = loader.load()
        code_scan.refuse(loader.ROOT, specs)
        settings_model.refuse(loader.ROOT, specs)
        stacks.build(app, specs)
    except SpecError as error:
        sys.exit(f"herald: {error}")
    app.synth()


if __name__ == "__main__":
    main()
