"""The dashboard, the saved queries and the log of the bus."""
