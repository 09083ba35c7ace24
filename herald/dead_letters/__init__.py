"""Dead letters and undelivered events: found, shown, redriven and deleted."""
