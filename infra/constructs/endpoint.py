"""The Function URL that invokes a function with HTTP requests."""

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_lambda import FunctionUrl, FunctionUrlAuthType
from constructs import Construct

from infra.constructs.event_function import EventFunction
from infra.declarations import naming
from infra.declarations.spec import FunctionSpec


class Endpoint(Construct):
    """The Function URL of one function.

    There is no queue: the sender waits for the response and repeats a failed request. Lambda does not authenticate
    requests, because senders of webhooks have no AWS credentials; the handler verifies their signatures. CORS is not
    configured, so browsers get no access. Reserved concurrency limits the rate to ten requests per second for each
    unit; Lambda answers further requests with 429 (AWS Lambda Developer Guide, "Throttling Lambda function URLs").
    """

    def __init__(self, scope: Construct, construct_id: str, *, spec: FunctionSpec, target: EventFunction) -> None:
        """Create the Function URL, and an output of the stack with the URL."""
        super().__init__(scope, construct_id)
        url = FunctionUrl(self, "Url", function=target.function, auth_type=FunctionUrlAuthType.NONE)
        CfnOutput(Stack.of(self), f"Url{naming.pascal(spec.name)}", value=url.url, description=spec.description)
