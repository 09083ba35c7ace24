"""[objectives] of function.toml, and the quantities that they consist of."""
