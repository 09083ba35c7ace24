"""The functions: one folder each, and the runtime they all run on."""
