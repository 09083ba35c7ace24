"""The state of the functions of an environment, and their logs."""
