"""Declarations of every kind of resource, new and existing, and of a function that uses all of them."""

from typing import Final

PLATFORM: Final = """
[bucket.outputs]
[bucket.artifacts]
[bucket.landing]
existing = "acme-landing"
[topic.notices]
[topic.pager]
existing = "acme-pager"
[table.items]
partition_key = "sku"
sort_key = "warehouse"
[table.orders]
existing = "acme-orders"
[queue.work]
[queue.jobs]
existing = "acme-jobs"
[secret.webhooks]
[secret.crm]
existing = "acme/crm"
[bucket.lake]
existing = "arn:aws:s3:::acme-lake"
[topic.alerts]
existing = "arn:aws:sns:us-east-1:111122223333:acme-topic"
[queue.partner]
existing = "arn:aws:sqs:us-east-1:111122223333:acme-queue"
[table.prices]
existing = "arn:aws:dynamodb:us-east-1:111122223333:table/acme-table"
[secret.partner]
existing = "arn:aws:secretsmanager:us-east-1:111122223333:secret:acme/key-AbCdEf"
"""
FUNCTION: Final = """
description = "Use every kind of resource."
owner = "greedy"

[trigger]
samples = ["aws.s3/object_created.report"]
[trigger.pattern]
source = ["aws.s3"]
detail.object.key = [{ prefix = "reports/" }]

[settings]
quiet_seconds = 900
words = ["a", "b"]

[secrets]
hooks = "secret.webhooks"
crm = "secret.crm"
mine = "secret.own"
partner = "secret.partner"

[access]
read = ["bucket.landing/in/*", "bucket.lake/in/*", "table.items", "table.orders", "table.prices"]
write = ["bucket.artifacts/out/*", "table.items"]
publish = ["topic.pager", "topic.alerts"]
send = ["queue.work", "queue.jobs", "queue.partner"]
"""
