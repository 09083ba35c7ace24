"""The welcome checklist of a new customer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from functions.onboard_customer.model import Customer


def checklist(customer: Customer) -> dict[str, Any]:
    """Return the checklist as JSON-ready values: the customer, and the steps with their due days."""
    known = {"name": customer.name, "email": customer.email, "company": customer.company}
    contact = {name: value for name, value in known.items() if value}
    steps = [
        {"step": step, "due": (customer.since + timedelta(days=days)).isoformat(), "done": False}
        for step, days in _steps(customer)
    ]
    return {"customer": customer.id, "since": customer.since.isoformat(), "contact": contact, "steps": steps}


def checklist_key(customer: Customer) -> str:
    """Return the S3 key of the customer's checklist."""
    return f"onboarding/{customer.id}.json"


def announce(customer: Customer, made: dict[str, Any]) -> dict[str, Any]:
    """Return the data of `customer.onboarded`: the customer's id and the checklist's key, without personal data."""
    steps = made["steps"]
    return {
        "id": customer.id,
        "checklist": checklist_key(customer),
        "steps": len(steps),
        "last_due": max(step["due"] for step in steps),
    }


def _steps(customer: Customer) -> Iterator[tuple[str, int]]:
    """Yield each step and the days until it is due, in the order of the days."""
    yield "Send the welcome mail" if customer.email else "Find out where to send the welcome mail", 0
    if customer.newsletter:
        yield "Confirm the newsletter by double opt-in", 0
    if customer.company:
        yield "Check the company's VAT number and billing address", 1
    yield "Call and ask what they want to achieve first", 3
    if customer.company:
        yield "Invite the company's other users", 7
    yield "Ask whether anything is missing", 30
