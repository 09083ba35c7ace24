"""Tests of the CloudWatch widget."""
