"""The CloudWatch widget "what ran and why": its asset, its role and its place on the dashboard."""
