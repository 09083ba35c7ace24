"""How requests reach a function: by a Function URL, which answers whoever calls."""

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_lambda import FunctionUrl, FunctionUrlAuthType
from constructs import Construct

from infra.constructs.function import EventFunction
from infra.declarations import naming
from infra.declarations.spec import FunctionSpec


class Endpoint(Construct):
    """The Function URL of one function.

    There is no queue: the sender waits for the answer and sends again what failed. Lambda checks no credentials, for
    senders of webhooks have none of AWS; the handler checks their signatures. No origin is named: no browser calls.
    What bounds the rate is the function's reserved concurrency: ten requests a second for each of it, the others get
    429 (AWS Lambda Developer Guide, "Throttling Lambda function URLs").
    """

    def __init__(self, scope: Construct, construct_id: str, *, spec: FunctionSpec, target: EventFunction) -> None:
        """Give the function its URL, and the stack an output that names it."""
        super().__init__(scope, construct_id)
        url = FunctionUrl(self, "Url", function=target.function, auth_type=FunctionUrlAuthType.NONE)
        CfnOutput(Stack.of(self), f"Url{naming.pascal(spec.name)}", value=url.url, description=spec.description)
