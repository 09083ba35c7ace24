"""Twelve staged incidents: Herald's commands name the cause of each, and the command of the runbook mends it."""
