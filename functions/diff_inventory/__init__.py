"""Tells what changed between two versions of a software inventory."""
