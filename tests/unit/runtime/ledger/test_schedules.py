"""Random schedules of deliveries, crashes, expired leases and redrives, checked after each step."""

import contextlib
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from functions.runtime import Event, Permanent, Run
from functions.runtime.batch import fairness
from tests.events import body, cloud_event
from tests.stage import Killed, Stage, install, lost_reply, on, throttled

EVENTS = 4
FAULTS = ["none", "kill", "refuse", "fail"]
CALLS = ["get", "statements", "dead-letter", "emit", "wake", "put back"]
ERRORS = {"killed": Killed, "lost": lost_reply, "throttled": throttled}


class Schedules(RuleBasedStateMachine):
    """Events of two subjects, and a worker with any fault."""

    order, wakes = "none", "false"

    def __init__(self) -> None:
        """Start with no events."""
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.stage = install(Stage(self.handle), self.patch, ORDER=self.order, WAKES=self.wakes, FAIR="true")
        self.patch.setattr(fairness, "LEAST", 3)
        self.sent: set[int] = set()
        self.fault = "none"
        self.begun: Counter[str] = Counter()
        self.refusals = 0  # deliveries during which the dead-letter queue refused messages
        self.handled: list[str] = []

    def teardown(self) -> None:
        """Deliver everything without faults: each event has a final decision, and no subject is blocked."""
        self.fault, self.stage.fail = "none", lambda _call, _when: None
        self.stage.redrive()
        self.stage.drain()
        decisions = self.decisions()
        assert set(decisions) == {f"e{number}" for number in self.sent}
        assert set(decisions.values()) <= {"processed", "stale", "dead", "rejected"}
        assert {f"e{max(same)}" for same in self.subjects()} <= {
            name for name, decision in decisions.items() if decision == "processed"
        } or self.stage.dead
        self.patch.undo()

    def decisions(self) -> dict[str, str]:
        """Return the decisions about the events that were sent, by the id of the event."""
        sent = [row for row in self.stage.rows() if row["facts"]["type"] != "herald.wake"]
        return {row["facts"]["id"]: str(row["decision"]) for row in sent}

    def subjects(self) -> list[list[int]]:
        """Return the numbers of the events that were sent, by subject."""
        groups = [[number for number in self.sent if number % 2 == odd] for odd in (0, 1)]
        return [group for group in groups if group]

    def handle(self, event: Event, run: Run) -> None:
        """Emit one event, and fail as the schedule says."""
        self.begun[event.id] += 1
        self.handled.append(event.id)
        run.emit("thing.done", {"of": event.id}, subject=event.subject)
        if self.fault == "kill":
            raise Killed
        if self.fault == "refuse":
            raise Permanent("refused")
        if self.fault == "fail":
            raise TimeoutError

    @rule(number=st.integers(1, EVENTS), copies=st.integers(1, 2))
    def send(self, number: int, copies: int) -> None:
        """Put an event into the queue, once or twice."""
        self.sent.add(number)
        event = cloud_event(id=f"e{number}", subject=f"thing/{number % 2}", sequence=str(number))
        self.stage.send(*[body(event)] * copies)

    @precondition(lambda self: self.stage.queue)
    @rule(fault=st.sampled_from(FAULTS))
    def deliver(self, fault: str) -> None:
        """Deliver the visible messages to a handler with a fault."""
        self.fault = fault
        self.attempt()

    @precondition(lambda self: self.stage.queue)
    @rule(call=st.sampled_from(CALLS), when=st.sampled_from(["before", "after"]), error=st.sampled_from(sorted(ERRORS)))
    def deliver_on_bad_ground(self, call: str, when: str, error: str) -> None:
        """Deliver while a call of AWS kills the worker, loses its reply, or is throttled."""
        self.fault = "none"
        made: Any = ERRORS[error]
        self.stage.fail = on(call, when, made())
        self.attempt()
        self.stage.fail = lambda _call, _when: None

    @precondition(lambda self: self.stage.queue)
    @rule(odd=st.integers(0, 1))
    def deliver_to_a_queue_that_refuses_some(self, odd: int) -> None:
        """Deliver to a handler that rejects, while the dead-letter queue refuses the messages of one subject."""
        self.fault, self.stage.refuse_dead_letter = "refuse", lambda text: f'"thing/{odd}"' in text
        self.attempt()
        self.stage.refuse_dead_letter = lambda _body: False
        self.refusals += 1

    def attempt(self) -> None:
        """Deliver the visible messages; after a crash they return when their visibility timeout ends."""
        self.stage.now += 1  # so that two deliveries have different times of settlement
        with contextlib.suppress(Killed):
            self.stage.deliver()

    @rule(seconds=st.sampled_from([1, 30, 200, 3_000]))
    def wait(self, seconds: int) -> None:
        """Let time pass: backoffs, leases and visibility timeouts end."""
        self.stage.now += seconds * 1_000

    @precondition(lambda self: self.stage.dead)
    @rule(twice=st.booleans())
    def redrive(self, twice: bool) -> None:  # noqa: FBT001 - drawn
        """Move the dead letters back to the queue, once or twice."""
        copies = list(self.stage.dead) if twice else []
        self.stage.redrive()
        for copy in copies:
            self.stage.send(copy.body, attributes=copy.attributes)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Check that each event that was sent has a final decision or a message in a queue."""
        bodies = [json.loads(each.body) for each in [*self.stage.queue.values(), *self.stage.dead]]
        queued = {each["detail"]["id"] for each in bodies if "detail" in each}
        final = {row["facts"]["id"] for row in self.stage.rows() if row["status"] == "COMPLETED"}
        assert {f"e{number}" for number in self.sent} <= queued | final

    @invariant()
    def nothing_acts_twice(self) -> None:
        """Check that a repeated event has the same id, so that consumers see a duplicate."""
        ids = {(each["data"]["of"], each["id"]) for each in self.stage.events}
        assert len(ids) == len({of for of, _ in ids})

    @invariant()
    def attempts_are_counted(self) -> None:
        """Check that there are no more attempts than declared, and that each one counts in its generation."""
        for row in self.stage.rows():
            begun = self.begun[row["facts"]["id"]]
            # The fourth claim declares the run dead; another follows where the dead-letter queue refused the message.
            assert row.get("attempt", 0) <= 4 + self.refusals
            if row["generation"] == 0 and self.order == "none":
                assert row["attempt"] >= begun


class OrderedSchedules(Schedules):
    """The same with `order = "newest"`."""

    order = "newest"

    @invariant()
    def no_older_one_acts_after_a_newer(self) -> None:
        """Check that the sequences of the processed events of one subject increase."""
        for subject in ("thing/0", "thing/1"):
            done = [row for row in self.stage.rows() if row["pk"] == subject and row["decision"] == "processed"]
            done.sort(key=lambda row: row["settled_at"])
            sequences = [row["facts"]["sequence"] for row in done]
            assert sequences == sorted(sequences)


class WakingSchedules(OrderedSchedules):
    """The same, and each event asks for a wake, due now or later."""

    wakes = "true"

    def __init__(self) -> None:
        """Start with no wakes."""
        super().__init__()
        self.asked_by: dict[str, str] = {}
        self.without_state: list[str] = []

    def handle(self, event: Event, run: Run) -> None:
        """Ask for a wake before the fault of the schedule; a wake records whether the state of its run is missing."""
        if event.woken:
            self.asked_by[event.id] = event.data["of"]
            if run.state.get("last") != event.data["of"]:
                self.without_state.append(event.id)
        else:
            run.state["last"] = event.id
            run.wake(after=timedelta(minutes=int(event.sequence or 0) % 3), data={"of": event.id})
        super().handle(event, run)

    def woken_for(self) -> Counter[str]:
        """Return how many wakes were processed for each event."""
        wakes = [row for row in self.stage.rows() if row["facts"]["type"] == "herald.wake"]
        return Counter(self.asked_by[row["facts"]["id"]] for row in wakes if row["decision"] == "processed")

    @invariant()
    def no_wake_acts_without_the_run_that_asked(self) -> None:
        """Check that a wake finds the state of its run: it runs after that run is settled and before a newer one is."""
        assert not self.without_state

    @invariant()
    def no_wake_acts_twice(self) -> None:
        """Check that at most one wake of a run is processed, however often the run asked and the message came."""
        assert all(count == 1 for count in self.woken_for().values())

    def teardown(self) -> None:
        """No wake is lost: the wake of the newest processed event of each subject was processed."""
        super().teardown()
        self.no_wake_acts_without_the_run_that_asked()
        self.no_wake_acts_twice()
        decisions = self.decisions()
        processed = [
            [f"e{number}" for number in same if decisions[f"e{number}"] == "processed"] for same in self.subjects()
        ]
        newest = {max(same) for same in processed if same}
        assert newest <= set(self.woken_for()) or self.stage.dead


PROFILE = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestSchedules = Schedules.TestCase
TestSchedules.settings = PROFILE
TestOrderedSchedules = OrderedSchedules.TestCase
TestOrderedSchedules.settings = PROFILE
TestWakingSchedules = WakingSchedules.TestCase
TestWakingSchedules.settings = PROFILE
