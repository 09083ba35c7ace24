"""What needs a browser: the catalogue's page, seen as people see it."""
