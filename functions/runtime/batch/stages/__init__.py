"""The stages of a batch: functions of jobs and the invocation. Each stage processes the jobs that are in one state."""
