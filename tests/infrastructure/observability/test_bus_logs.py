"""The log of the bus, asserted on the templates because the local AWS delivers none."""

from tests.infrastructure.conftest import Synthesized


def test_the_bus_logs_errors_without_events(dev: Synthesized) -> None:
    """IncludeDetail FULL would copy the data of events into the log."""
    (bus,) = dev.resources("AWS::Events::EventBus").values()
    assert bus["Properties"]["LogConfig"] == {"Level": "ERROR", "IncludeDetail": "NONE"}


def test_its_errors_are_delivered_to_a_log_group(dev: Synthesized) -> None:
    """A source for the log type, a destination, and the delivery that joins them.

    Source: "Configuring logs for Amazon EventBridge event buses", Amazon EventBridge User Guide.
    """
    ((source, described),) = dev.resources("AWS::Logs::DeliverySource").items()
    assert described["Properties"]["LogType"] == "ERROR_LOGS"
    assert "Bus" in described["Properties"]["ResourceArn"]["Fn::ImportValue"]
    ((destination, target),) = dev.resources("AWS::Logs::DeliveryDestination").items()
    (group,) = [name for name in dev.resources("AWS::Logs::LogGroup", "dashboard") if name.startswith("BusLogs")]
    _, parts = target["Properties"]["DestinationResourceArn"]["Fn::Join"]
    assert parts[-2:] == [":log-group:", {"Ref": group}]  # without the :* of the attribute Arn
    (delivery,) = dev.resources("AWS::Logs::Delivery").values()
    assert delivery["Properties"] == {
        "DeliverySourceName": {"Ref": source},
        "DeliveryDestinationArn": {"Fn::GetAtt": [destination, "Arn"]},
    }


def test_only_this_delivery_may_write_to_the_log_group(dev: Synthesized) -> None:
    """Not the deliveries of other sources or accounts; the policy is the log group's own."""
    (source,) = dev.resources("AWS::Logs::DeliverySource")
    (group,) = [each for name, each in dev.resources("AWS::Logs::LogGroup").items() if name.startswith("BusLogs")]
    assert group["Properties"]["LogGroupName"] == "/aws/vendedlogs/events/event-bus/herald-dev"
    (statement,) = group["Properties"]["ResourcePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnLike": {"aws:SourceArn": {"Fn::GetAtt": [source, "Arn"]}},
    }
    assert statement["Resource"]["Fn::Join"][1][-1].endswith("/event-bus/herald-dev:log-stream:*")
