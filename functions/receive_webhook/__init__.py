"""Receives the signed webhooks of other systems and turns them into events of ours."""
