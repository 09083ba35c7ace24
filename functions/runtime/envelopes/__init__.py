"""From the body of a message to an Event: one parser per envelope."""
