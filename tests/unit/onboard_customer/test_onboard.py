"""What is done for a new customer, and what of them stands where."""

import json
from typing import Any

import jsonschema
import pytest

from functions.onboard_customer.handler import handle
from functions.onboard_customer.model import Customer
from functions.runtime import Permanent
from functions.runtime.envelopes.envelope import parse
from infra.declarations import loader
from tests.doubles import RecordingRun, run_handler
from tests.events import body, cloud_event

NAME, EMAIL = "Exämple Contact", "contact@example.com"
CONTRACT = "herald:customer.created/3"
CUSTOMER = {"id": "42", "name": NAME, "email": EMAIL, "created_at": "2026-11-12T23:30:00+01:00"}


def handled(run: RecordingRun | None = None, subject: str = "customer/42", **data: Any) -> RecordingRun:  # noqa: ANN401 - fields of the event
    """Return the run after the handler; each call is an event with an id of its own."""
    run = run or RecordingRun()
    run_handler(handle, parse(body(cloud_event(subject=subject, dataschema=CONTRACT, data=CUSTOMER | data))), run)
    return run


def made(run: RecordingRun) -> dict[str, Any]:
    """Return the checklist that was written."""
    ((where, content),) = run.written.items()
    assert where == ("artifacts", "onboarding/42.json")
    checklist: dict[str, Any] = json.loads(content)
    return checklist


def test_a_person_gets_the_short_list() -> None:
    """Whom it is for, and what is due by when, counted from the day they became a customer where they are."""
    checklist = made(handled())
    assert checklist["contact"] == {"name": NAME, "email": EMAIL}
    assert [(step["due"], step["done"]) for step in checklist["steps"]] == [
        ("2026-11-12", False),
        ("2026-11-15", False),
        ("2026-12-12", False),
    ]


def test_a_company_and_a_consent_bring_steps_of_their_own() -> None:
    """In the order of their days."""
    checklist = made(handled(company="Example Ltd", newsletter=True))
    assert checklist["contact"]["company"] == "Example Ltd"
    assert len(checklist["steps"]) == 6
    assert sorted(checklist["steps"], key=lambda step: step["due"]) == checklist["steps"]
    assert any("newsletter" in step["step"] for step in checklist["steps"])


def test_a_customer_without_an_address_is_asked_for_one() -> None:
    """A payment provider may know nothing but an id."""
    checklist = made(handled(name=None, email=None))
    assert checklist["contact"] == {}
    assert checklist["steps"][0]["step"] == "Find out where to send the welcome mail"


@pytest.mark.parametrize("blank", [" ", "\u00a0\t", None, ""])
def test_blank_means_unknown(blank: str | None) -> None:
    """A person without a name is asked for nothing else; a blank company is a person."""
    checklist = made(handled(name=blank, email=blank, company=blank))
    assert checklist["contact"] == {}
    assert len(checklist["steps"]) == 3


@pytest.mark.parametrize(
    ("created_at", "last_due"),
    [
        ("0001-01-01T00:00:00+14:00", "0001-01-31"),
        ("9999-01-01T00:00:00Z", "9999-01-31"),
        ("2024-02-29T23:30:00-12:00", "2024-03-30"),
    ],
)
def test_days_are_counted_from_any_day_that_has_days_after_it(created_at: str, last_due: str) -> None:
    """From the first of the calendar on, where the customer is."""
    ((_, data, _),) = handled(created_at=created_at).emitted
    assert data["last_due"] == last_due


@pytest.mark.parametrize("consent", [False, None, "yes", 1])
def test_only_true_is_consent(consent: object) -> None:
    """Nobody gets mail for a value that a CRM made up."""
    assert not Customer.read("customer/42", CUSTOMER | {"newsletter": consent}).newsletter


def test_a_known_customer_is_not_welcomed_again() -> None:
    """Whatever the CRM repeats, and with other data too: the checklist stays, and nobody is told."""
    run = handled()
    first = dict(run.written)
    handled(run, name="Another Contact", company="Example Ltd")
    assert run.written == first
    assert len(run.emitted) == 1


def test_what_is_told_of_a_customer_is_nothing_personal() -> None:
    """The event says which customer, and where the checklist lies."""
    ((name, data, _),) = handled(company="Example Ltd").emitted
    assert name == "customer.onboarded"
    assert data == {"id": "42", "checklist": "onboarding/42.json", "steps": 5, "last_due": "2026-12-12"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"id": "contact@example.com"}, "data.id breaks pattern"),
        ({"id": "../42"}, "data.id breaks pattern"),
        ({"id": 42}, "data.id breaks type"),
        ({"id": "43"}, "the subject is not customer/<data.id>"),
        ({"email": EMAIL.replace("@", " at ")}, "data.email breaks pattern"),
        ({"company": ["Exämple Contact"]}, "data.company breaks type"),
        ({"name": 42}, "data.name breaks type"),
        ({"created_at": EMAIL}, "data.created_at is not an ISO 8601 time"),
        ({"created_at": "2016-12-31T23:59:60Z"}, "data.created_at is not an ISO 8601 time"),
        ({"created_at": "0000-01-01T00:00:00Z"}, "data.created_at is not an ISO 8601 time"),
        ({"created_at": "2026-11-12T00:00:00+24:00"}, "data.created_at is not an ISO 8601 time"),
        ({"created_at": "9999-12-31T00:00:00Z"}, "data.created_at is after 9999-01-01"),
        ({"created_at": "9999-12-31T23:59:59-14:00"}, "data.created_at is after 9999-01-01"),
        ({"created_at": "9999-12-02"}, "data.created_at is after 9999-01-01"),
    ],
)
def test_a_refusal_names_the_field_and_not_its_value(data: dict[str, Any], reason: str) -> None:
    """The reason stands in the ledger, in the log and on the dead letter, where personal data has no place."""
    run = RecordingRun()
    with pytest.raises(Permanent) as refused:
        handled(run, **data)
    assert reason in str(refused.value)
    assert not any(word in str(refused.value) for word in ("example.com", "contact", "Contact"))
    assert (run.written, run.emitted) == ({}, [])


@pytest.mark.parametrize("damage", [{"id": EMAIL}, {"id": "../42"}, {"id": 42}, {"email": "contact"}, {"name": ""}])
def test_the_contract_refuses_it_too(damage: dict[str, Any]) -> None:
    """A producer hears of it before the event is sent; above all, an address is no id."""
    contract = json.loads((loader.ROOT / "events/customer.created/1.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(contract)
    assert validator.is_valid(CUSTOMER)
    assert not validator.is_valid(CUSTOMER | damage)
