"""Tests of the catalog page in a browser."""
