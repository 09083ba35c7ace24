"""Tests: alarms, asserted on the templates because the local AWS does not evaluate alarms."""
