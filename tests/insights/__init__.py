"""The saved queries of CloudWatch Logs Insights, run by an evaluator on lines that the runtime writes."""
