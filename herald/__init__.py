"""The command line of Herald: for people who deploy it, feed it and ask it why."""
