"""Answers for investigators: why a function ran or did not, the journal, reconciliation."""
