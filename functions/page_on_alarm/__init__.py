"""Pages people once per incident of a CloudWatch alarm."""
