"""Serves the local page of a deployment on 127.0.0.1: collects the answers, and lets only its user in."""
