"""Tests: alarms, dashboard, saved queries and costs, asserted on the templates: the local AWS supports none of them."""
