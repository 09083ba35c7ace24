"""Dead letters and undelivered events: read, counted, redriven and deleted."""
