"""Closes buckets that were opened to the public."""
