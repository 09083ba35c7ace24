"""The groups of commands: options in, one call out, rendering."""
