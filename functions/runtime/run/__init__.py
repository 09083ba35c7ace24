"""What a handler may do through its run: read and write objects, emit events, publish notices, keep state."""
