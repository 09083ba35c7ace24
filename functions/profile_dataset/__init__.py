"""Tells what a dataset in CSV is made of: its columns, their types, and what is in them."""
