"""Writes the welcome checklist of a new customer and emits `customer.onboarded`, once per customer."""

import json

from functions.onboard_customer.logic import announce, checklist, checklist_key
from functions.onboard_customer.model import Customer
from functions.runtime import Event, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Create the checklist. If it exists, the customer is known: nothing is changed or emitted."""
    customer = Customer.read(event.subject, event.data)
    items = checklist(customer)
    body = json.dumps(items, ensure_ascii=False, indent=2).encode()
    if not run.create("artifacts", checklist_key(customer), body, content_type="application/json"):
        run.log.info("customer already known")
        return
    run.emit("customer.onboarded", announce(customer, items), subject=event.subject)
