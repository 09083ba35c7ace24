"""Unit tests of infra/constructs."""
