"""Alarms on functions and on the platform, all derived from the declarations."""
