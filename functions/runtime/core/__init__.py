"""Values and services that all other rooms of the runtime use: events, errors, settings, clock, AWS clients, logs."""
