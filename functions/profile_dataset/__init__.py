"""Profiles CSV datasets: their columns, types and values."""
