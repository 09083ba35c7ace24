"""The permissions of the roles of functions."""

from infra.constructs.access import BLOCK_PUBLIC, READ_ITEMS, WRITE_ITEMS
from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import actions, each_function, each_queued, grants, on_lambda, properties, statements


@each_function
def test_a_role_allows_what_is_declared_and_no_more(dev: Synthesized, spec: FunctionSpec) -> None:
    """Its own queue and log, the ledger, and the declared grants; only the actions of X-Ray have `*`."""
    granted = {action for action, resource in grants(dev, spec) if "/dead-letters/" not in resource}
    own = {"sqs", "dynamodb", "logs", "xray"}
    expected = set()
    if spec.access.read:
        expected |= {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}
    if spec.access.write:
        expected |= {"s3:PutObject", "s3:GetObject"}
    if spec.access.publish:
        expected |= {"sns:Publish"}
    if spec.access.block_public:
        expected |= set(BLOCK_PUBLIC)
    if spec.access.emit:
        expected |= {"events:PutEvents"}
    if spec.secrets:
        expected |= {"secretsmanager:GetSecretValue"}
    assert {action for action in granted if action.split(":")[0] not in own} == expected
    assert not [action for action in granted if "*" in action]
    open_ = [statement for statement in statements(dev, spec) if statement["Resource"] == "*"]
    assert [actions(statement) for statement in open_] == [{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}]


@each_function
def test_buckets_are_closed_within_the_declared_scope(dev: Synthesized, spec: FunctionSpec) -> None:
    """The grant is limited to the declared names and to this account, and a variable has the same names.

    A bucket that does not exist has no account: S3 returns NoSuchBucket with IfExists and AccessDenied without it.
    """
    scope = [name.replace("${env}", "dev") for name in spec.access.block_public]
    grants = [each for each in statements(dev, spec) if actions(each) & set(BLOCK_PUBLIC)]
    assert len(grants) == bool(spec.access.block_public)
    described = on_lambda(dev, spec)
    assert described["Environment"]["Variables"].get("HERALD_BLOCK_PUBLIC", "") == ",".join(scope)
    for statement in grants:
        assert statement["Condition"] == {"StringEqualsIfExists": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}}
        named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        ends = [arn["Fn::Join"][1][-1] for arn in named]
        assert ends == [f":s3:::{pattern}" for pattern in scope]


def test_an_environment_cannot_close_buckets_of_another(dev: Synthesized, prod: Synthesized) -> None:
    """The name of a bucket begins with the name of its stack, which contains the environment."""
    for app, name in ((dev, "dev"), (prod, "prod")):
        function = properties(app, "AWS::Lambda::Function", "FunctionName", f"herald-{name}-close_public_bucket")
        assert function["Environment"]["Variables"]["HERALD_BLOCK_PUBLIC"] == f"herald-{name}-*"
        assert all(stack.startswith(f"herald-{name}-") for stack in app.templates)


@each_function
def test_a_function_puts_events_only_with_its_own_source(dev: Synthesized, spec: FunctionSpec) -> None:
    """A condition limits PutEvents to the function's own source and its declared types."""
    puts = [each for each in statements(dev, spec) if "events:PutEvents" in actions(each)]
    assert len(puts) == bool(spec.access.emit)
    for statement in puts:
        # A call has several entries; StringEquals without ForAllValues compares a single value.
        assert statement["Condition"] == {
            "ForAllValues:StringEquals": {
                "events:source": [f"herald.{spec.first_name}"],
                "events:detail-type": list(spec.access.emit),
            },
            "Null": {"events:source": "false", "events:detail-type": "false"},
        }


@each_queued
def test_a_function_deletes_no_row_of_the_ledger(dev: Synthesized, spec: FunctionSpec) -> None:
    """A function can only insert, update and read rows by key."""
    (table,) = [each for each in statements(dev, spec) if "dynamodb:PartiQLInsert" in actions(each)]
    assert actions(table) == {"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:BatchGetItem"}


@each_function
def test_item_calls_reach_the_rows_of_steps_alone(dev: Synthesized, spec: FunctionSpec) -> None:
    """Only functions with Powertools steps may make item calls, limited to keys that begin with `step/`."""
    steps = {f"dynamodb:{name}Item" for name in ("Get", "Put", "Update", "Delete")}
    tables = set(READ_ITEMS) | set(WRITE_ITEMS) if any(r.kind == "table" for _, r in spec.access.named()) else set()
    granted = [each for each in statements(dev, spec) if (actions(each) & steps) - tables]
    assert len(granted) == bool(spec.access.publish or not spec.queued)
    for statement in granted:
        assert actions(statement) == steps
        assert statement["Condition"] == {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["step/*"]},
            "Null": {"dynamodb:LeadingKeys": "false"},
        }
