"""The run of a handler: it reads and writes objects, emits events, publishes notices and keeps state."""
