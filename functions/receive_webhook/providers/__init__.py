"""One module per provider; `Provider` in functions/receive_webhook/model.py is its interface."""
