"""The CDK app: from the declarations in functions/ to stacks. It makes no AWS call."""

import sys

from aws_cdk import App

from infra import calls, catalog, settings_model, stacks
from infra.spec import SpecError


def main() -> None:
    """Build the app that the CDK command line asked for.

    A wrong declaration, or code that no worker could import or run with its settings, ends with its sentence alone.
    """
    app = App()
    try:
        specs = catalog.load()
        calls.refuse(catalog.ROOT, specs)
        settings_model.refuse(catalog.ROOT, specs)
        stacks.build(app, specs)
    except SpecError as error:
        sys.exit(f"herald: {error}")
    app.synth()


if __name__ == "__main__":
    main()
