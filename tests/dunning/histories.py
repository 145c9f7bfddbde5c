"""Random policies, random histories, and a driver that runs them and looks at every move."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from dunning.apply import booked, happened, noted, performed
from dunning.decide import next_move
from dunning.moves import Act, Book, Close, Move, Note, WaitUntil
from library.cases import begin
from schemas.case import Case
from schemas.customer import Customer
from schemas.effects import ChannelReceipt, Receipt
from schemas.invoice import Invoice
from schemas.policy import Policy
from schemas.signals import EVENT, AnyEvent
from tests.dunning.build import Document, at, case, step, sum_of
from tests.dunning.random_policies import a_policy

MAX_TURNS = 2_000
IDS = [f"e{number}" for number in range(8)]
START = at("02-01")

falls = st.one_of(
    st.integers(-5, 60).map(lambda days: f"due{days:+d}d"),
    st.integers(0, 60).map(lambda days: f"issued+{days}d"),
    st.integers(0, 20).map(lambda days: f"due+{days} business days"),
    st.sampled_from(["due+1w", "due+1m", "eom(due+0d)", "eom(due+1m)"]),
)
later_falls = falls | st.integers(0, 20).map(lambda days: f"previous+{days}d")
dos = st.lists(
    st.sampled_from(["email", "sms", "letter", "call", "fee"]), min_size=1, max_size=3, unique=True
)
spans = st.integers(0, 9).map(lambda days: f"{days}d")
sums = st.integers(1, 1500_00).map(lambda minor: sum_of(f"{minor / 100:.2f}"))
ids = st.sampled_from([*IDS, "nothing"])
moments = st.builds(
    lambda minutes: START + timedelta(minutes=minutes),
    st.integers(-30 * 24, 120 * 24).map(lambda hours: hours * 60)
    | st.integers(-30, 120).map(lambda days: days * 1440 + 540),
)
days = moments.map(lambda moment: moment.date().isoformat())


@st.composite
def steps(draw: st.DrawFn, number: int) -> Document:
    made = step(f"s{number}", draw(later_falls if number else falls), draw(dos))
    if "fee" in made["do"]:
        caps = {} if draw(st.booleans()) else {"cap": "5% of principal"}
        made["charge"] = {"flat": {"EUR": "40.00"}, "ground": "contract"} | caps
    if draw(st.integers(0, 3)) == 0:
        otherwise = draw(st.sampled_from(["hold", "approve", "refuse"]))
        made["approval"] = {"within": draw(spans), "else": otherwise}
    if draw(st.integers(0, 3)) == 0:
        made["when"] = {"open_at_least": {"EUR": "300.00"}}
    made["on"] = {"no_answer": {"retry": draw(st.integers(1, 3)), "every": draw(spans)}}
    return made


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    count = draw(st.integers(1, 5))
    ladder = [draw(steps(number)) for number in range(count)]
    if draw(st.booleans()):
        ladder.append(step("off", "previous+14d", "handoff"))
    return Policy.model_validate(
        {
            "id": "random",
            "steps": ladder,
            "min_gap": draw(spans),
            "advance": draw(st.sampled_from(["sequential", "most_severe"])),
            "catch_up": draw(st.sampled_from(["send_late", "skip", "collapse"])),
            "send_at": draw(st.sampled_from(["00:00", "02:30", "09:00", "23:59"])),
            "minimum_open": draw(st.sampled_from([{}, {"EUR": "5.00"}])),
        }
    )


maybe_sum = st.none() | sums
plans_of_all = st.builds(
    lambda first, gap: [
        {"due_on": first.isoformat(), "amount": sum_of("400.00")},
        {"due_on": (first + timedelta(days=gap)).isoformat(), "amount": sum_of("600.00")},
    ],
    moments.map(lambda moment: moment.date()),
    st.integers(1, 40),
)
"""Plans that divide the whole sum of a case to which nothing else has happened."""
keys = st.builds(
    lambda number, do, attempt: f"acme:INV-1:1:s{number}:{do}{attempt}",
    st.integers(0, 3),
    st.sampled_from(["call", "email"]),
    st.sampled_from(["", "#2", "#3"]),
)
names = st.integers(0, 4).map(lambda number: f"s{number}")
words = st.just("words")
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "payment_received": {"amount": sums},
    "payment_reversed": {"payment": ids, "amount": maybe_sum},
    "credit_issued": {"amount": sums, "linked": st.booleans()},
    "dispute_opened": {"reason": words, "amount": maybe_sum},
    "dispute_resolved": {
        "dispute": ids,
        "result": st.sampled_from(["upheld", "rejected", "partly"]),
        "amount": sums,
    },
    "plan_accepted": {
        "instalments": plans_of_all
        | st.lists(st.fixed_dictionaries({"due_on": days, "amount": sums}), min_size=1, max_size=3)
    },
    "plan_cancelled": {"plan": ids},
    "promise_made": {"pay_on": days, "amount": maybe_sum},
    "hold_placed": {"reason": words, "until": st.none() | moments},
    "hold_released": {"hold": ids},
    "contact_made": {
        "channel": st.sampled_from(["call", "call", "email"]),
        "by": words,
        "satisfies": st.none() | names,
        "result": st.sampled_from([None, "talked", "no answer"]),
    },
    "contact_outcome": {
        "effect": keys,
        "result": st.sampled_from(["no-answer", "busy", "answered", "bounced", "delivered"]),
    },
    "stop_requested": {
        "flag": st.sampled_from(["words", "vulnerable", "breathing_space", "insolvency"]),
        "scope": st.sampled_from(["case", "channel:email", "channel:sms", "channel:call"]),
        "until": st.none() | moments,
    },
    "invoice_cancelled": {},
    "written_off": {"reason": words, "amount": sums},
    "approval_given": {
        "step": names,
        "decision": st.sampled_from(["approve", "refuse"]),
        "by": words,
    },
    "placement_recalled": {"reason": words},
}


@st.composite
def histories(draw: st.DrawFn) -> tuple[AnyEvent, ...]:
    """Draw up to eight events with ids of their own that name one another."""
    count = draw(st.integers(0, len(IDS)))
    made = []
    for name in IDS[:count]:
        kind = draw(st.sampled_from(sorted(FIELDS)))
        rest = draw(st.fixed_dictionaries(FIELDS[kind]))
        made.append(EVENT.validate_python({"type": kind, "id": name, "at": draw(moments), **rest}))
    return tuple(made)


zones = st.sampled_from(
    [None, "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Niue", "Australia/Lord_Howe"]
)
cases = st.builds(
    lambda rules, zone, opened: case(rules, zone=zone, opened=opened),
    policies(),
    zones,
    st.sampled_from([None, "01-20", "02-01 00:00", "02-15 13:00", "03-29 02:30"]),
)


PLACES: dict[tuple[str, ...], Document] = {
    ("de",): {"country": "DE", "time_zone": "Europe/Berlin"},
    ("default",): {"time_zone": "Australia/Lord_Howe"},
    ("us",): {"country": "US", "time_zone": "America/New_York", "phone": "+13105550123"},
    ("us", "us-wa"): {"country": "US", "subdivision": "WA", "time_zone": "America/Los_Angeles"},
}
"""Debtors by the packs that rule their cases."""


def ruled(rules: Policy, packs: tuple[str, ...], kind: str, consents: Document) -> Case:
    """Return a case under the contact rules and the statutory charges of a place."""
    customer = {"id": "C-1", "kind": kind, "consents": consents, **PLACES[packs]}
    invoice = {
        "id": "INV-1",
        "issued_on": "2026-01-01",
        "due_on": "2026-01-31",
        "amount": sum_of("1000.00"),
    }
    return begin(
        "acme",
        Invoice.model_validate(invoice),
        Customer.model_validate(customer),
        rules,
        START,
        jurisdictions=packs,
    )


ruled_cases = st.builds(
    ruled,
    st.randoms(use_true_random=False).map(a_policy),
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(["consumer", "business"]),
    st.sampled_from([{}, {"sms": "written", "call": "written", "email": "written"}]),
)
"""Cases under the law of a place, with policies of every kind of step."""


@dataclass
class World:
    """Answers each effect from a list; an effect is put off at most once."""

    results: list[str]
    now: datetime
    asked: int = 0

    def perform(self, act: Act) -> Receipt:
        """Answer every effect of an act."""
        return Receipt(receipts=tuple(self._answer(one.do, one.key) for one in act.planned))

    def _answer(self, do: str, key: str) -> ChannelReceipt:
        self.asked += 1
        result = self.results[self.asked % len(self.results)]
        until = self.now + timedelta(hours=7) if result == "deferred" else None
        answer = {"do": do, "key": key, "result": result, "until": until}
        return ChannelReceipt.model_validate(answer)


worlds = st.lists(
    st.sampled_from(["done", "done", "unknown", "refused", "deferred"]), max_size=4
).map(lambda results: World([*results, "done"], START))


def turns(
    begun: Case, arrivals: list[tuple[datetime, AnyEvent]], world: World
) -> Iterator[tuple[Case, Move, datetime]]:
    """Run a case whose events arrive at moments of their own; yield every move before it is made.

    The last turn is yielded with the move that ended the run.
    """
    ahead = sorted(arrivals, key=lambda arrival: arrival[0], reverse=True)
    now = begun.opened_at
    for _ in range(MAX_TURNS):
        while ahead and ahead[-1][0] <= now:
            begun = happened(begun, ahead.pop()[1], now)
        world.now = now
        move = next_move(begun, now)
        yield begun, move, now
        match move:
            case Close():
                return
            case Act():
                begun = performed(begun, move, world.perform(move), now, len(begun.journal))
            case Note():
                begun = noted(begun, move, now)
            case Book():
                begun = booked(begun, len(begun.journal), now)
            case WaitUntil(at=wake):
                later = [moment for moment in (wake, ahead[-1][0] if ahead else None) if moment]
                if not later:
                    return
                now = max(now, min(later))
    raise AssertionError("the rules never came to rest")
