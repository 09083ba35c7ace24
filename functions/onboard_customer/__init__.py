"""Creates the welcome checklist of each new customer."""
