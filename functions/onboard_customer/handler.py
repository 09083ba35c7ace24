"""A new customer in, a welcome checklist and `customer.onboarded` out, once per customer."""

import json

from functions.onboard_customer.logic import announce, checklist, checklist_key
from functions.onboard_customer.model import Customer
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Make the checklist; who has one is known, and neither told of again nor changed."""
    try:
        customer = Customer.read(event.subject, event.data)
    except ValueError as error:
        raise Permanent(f"{event.type} breaks its contract: {error}") from error
    items = checklist(customer)
    body = json.dumps(items, ensure_ascii=False, indent=2).encode()
    if not run.create("artifacts", checklist_key(customer), body, content_type="application/json"):
        run.log.info("the customer is known")
        return
    run.emit("customer.onboarded", announce(customer, items), subject=event.subject)
