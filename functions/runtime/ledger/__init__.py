"""The ledger: it claims runs before their handlers start and settles them after they end."""
