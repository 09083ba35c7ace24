"""Sends files, sample events and sample requests to a deployment."""
