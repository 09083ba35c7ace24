"""The stages of a batch: functions of its jobs and its invocation, each of which takes the jobs of one state."""
