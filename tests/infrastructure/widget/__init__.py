"""Tests of the widget in the templates: its function, its role, its asset and its place on the dashboard."""
