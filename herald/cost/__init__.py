"""Computes docs/cost.md from list prices and from what the templates contain."""
