"""Signed HTTP requests to a Function URL: parsing, verification, and what their handler may do."""
