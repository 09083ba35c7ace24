"""Why an event runs a function or not: the clauses of its pattern, near misses, contracts and sources."""
