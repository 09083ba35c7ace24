"""The ledger: claims runs before their handlers start and settles them after they end."""
