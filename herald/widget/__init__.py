"""The CloudWatch widget "what ran and why": a Lambda function that answers a dashboard with HTML.

CloudWatch removes scripts, `<iframe>` and `<use>` from the answer. Source: "Security and JavaScript for custom
CloudWatch widgets", Amazon CloudWatch User Guide.
"""
