"""One file for each provider; functions/receive_webhook/model.py says what is in it."""
