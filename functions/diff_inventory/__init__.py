"""Reports the changes between two versions of a software inventory."""
