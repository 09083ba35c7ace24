"""Changes the environment variables of a function on the local AWS, as a deployment of its declaration does."""

from collections.abc import Iterator
from contextlib import contextmanager

from herald.deployment import functions
from tests.emulator.support.deployed import Aws


@contextmanager
def variables(aws: Aws, function: str, **changed: str) -> Iterator[None]:
    """Set environment variables of a function, and restore them afterwards."""
    client, name = aws.deployment.client("lambda"), functions.lambda_name(aws.deployment, function)
    known = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": known | changed})
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": known})
