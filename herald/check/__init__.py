"""Checks declarations, contracts, samples and code before anything is deployed."""
