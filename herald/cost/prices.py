"""The list prices in US dollars, without free tiers and taxes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

AS_OF: Final = "November 2026"
REGIONS: Final = ("us-east-1", "eu-central-1")


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one unit in each of REGIONS, and the page of AWS that lists it."""

    unit: str
    amounts: tuple[float, float]
    page: str


PRICES: Final[Mapping[str, Price]] = {
    "events": Price("EventBridge: a million events put on a bus", (1.00, 1.00), "Amazon EventBridge pricing"),
    "sqs": Price("SQS: a million requests to standard queues", (0.40, 0.40), "Amazon SQS pricing"),
    "requests": Price("Lambda: a million requests", (0.20, 0.20), "AWS Lambda pricing"),
    "compute": Price("Lambda: a million GB-seconds on arm64", (13.3334, 13.3334), "AWS Lambda pricing"),
    "writes": Price("DynamoDB: a million on-demand write units", (0.625, 0.7625), "Amazon DynamoDB pricing"),
    "reads": Price("DynamoDB: a million on-demand read units", (0.125, 0.1525), "Amazon DynamoDB pricing"),
    "rows": Price("DynamoDB: a GB-month of storage", (0.25, 0.306), "Amazon DynamoDB pricing"),
    "backup": Price("DynamoDB: a GB-month of point-in-time recovery", (0.20, 0.2448), "Amazon DynamoDB pricing"),
    "objects": Price("S3 Standard: a GB-month", (0.023, 0.0245), "Amazon S3 pricing"),
    "puts": Price("S3 Standard: a million PUT requests", (5.00, 5.40), "Amazon S3 pricing"),
    "logged": Price("CloudWatch Logs: a GB ingested", (0.50, 0.63), "Amazon CloudWatch pricing"),
    "kept_logs": Price("CloudWatch Logs: a GB-month of compressed logs", (0.03, 0.0324), "Amazon CloudWatch pricing"),
    "metric": Price("CloudWatch: a custom metric", (0.30, 0.30), "Amazon CloudWatch pricing"),
    "alarm": Price("CloudWatch: a metric of an alarm", (0.10, 0.10), "Amazon CloudWatch pricing"),
    "composite": Price("CloudWatch: a composite alarm", (0.50, 0.50), "Amazon CloudWatch pricing"),
    "dashboard": Price("CloudWatch: a dashboard", (3.00, 3.00), "Amazon CloudWatch pricing"),
    "traces": Price("X-Ray: a million traces recorded", (5.00, 5.00), "AWS X-Ray pricing"),
    "key": Price("KMS: a customer managed key", (1.00, 1.00), "AWS KMS pricing"),
    "secret": Price("Secrets Manager: a secret", (0.40, 0.40), "AWS Secrets Manager pricing"),
}
