"""Values and services for all other rooms of the runtime: events, errors, settings, clock, AWS clients, logs."""
