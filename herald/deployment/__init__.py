"""One deployed Herald: its session and stack outputs, its functions and its queues."""
