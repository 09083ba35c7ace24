"""The CDK app: from the declarations in functions/ to stacks. It makes no AWS call."""

import sys

from aws_cdk import App

from infra import stacks
from infra.declarations import code_scan, loader, settings_model
from infra.declarations.spec import SpecError


def main() -> None:
    """Build the app that the CDK command line asked for.

    A wrong declaration, or code that no worker could import or run with its settings, ends with its sentence alone.
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
