"""What CloudWatch shows: alarms, the dashboard, the saved queries and the log of the bus, all from the declarations."""
