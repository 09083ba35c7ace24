"""The tables of function.toml that stand apart from its trigger, delivery and access."""
