"""The CDK app: from the declarations in functions/ to stacks. It makes no AWS call."""

import sys

from aws_cdk import App

from infra import catalog, stacks
from infra.spec import SpecError


def main() -> None:
    """Build the app that the CDK command line asked for; a wrong declaration ends with its sentence alone."""
    app = App()
    try:
        stacks.build(app, catalog.load())
    except SpecError as error:
        sys.exit(f"herald: {error}")
    app.synth()


if __name__ == "__main__":
    main()
