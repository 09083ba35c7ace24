"""The flow of events as a graph: which event runs which function, loops, and warnings."""
