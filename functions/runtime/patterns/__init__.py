"""EventBridge's event pattern language: validation, matching, and why an event does not match. It has no AWS calls."""
