"""Tests: unit of receive_webhook."""
