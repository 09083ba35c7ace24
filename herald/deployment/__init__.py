"""One deployed Herald: its stacks' outputs, functions and queues."""
