"""Random scenarios: a debtor in one of four places, a random policy, and what the world tells.

A number is a scenario: the same number is the same one always. Events keep minutes away from the
hours of policies and of the law, because a workflow needs its milliseconds where the simulator
needs none.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from dunning.charges.balance import balance
from dunning.simulate import simulate
from embedded.rehearsal import Rehearsed
from library.cases import begin
from schemas.case import Case
from schemas.customer import Customer
from schemas.invoice import Invoice
from schemas.money import plain
from schemas.policy import Policy
from schemas.signals import EVENT, AnyEvent
from tests.dunning.random_policies import Document, a_policy, maybe
from tests.workflows.build import moment, money

SEED = 2026
OPENED = moment("2026-02-01 00:00")
UNTIL = moment("2026-06-15 12:30")
PLACES: dict[tuple[str, ...] | None, Document] = {
    (): {"country": "DE", "time_zone": "Europe/Berlin"},
    ("de",): {"country": "DE", "time_zone": "Europe/Berlin", "phone": "+4930123456"},
    ("us", "us-nyc"): {
        "country": "US",
        "subdivision": "NY",
        "city": "New York",
        "postal_code": "10001",
        "time_zone": "America/New_York",
        "phone": "+13105550123",
    },
    None: {"country": "GB", "postal_code": "E1 6AN", "phone": "+442079460000"},
}
"""Debtors by the packs their cases have: none, named ones, or those their place resolves to."""
CURRENCIES = {"DE": "EUR", "US": "USD", "GB": "GBP"}


@dataclass
class Author:
    """Writes one scenario, step by step and event by event."""

    number: int
    rng: random.Random = field(init=False)
    packs: tuple[str, ...] | None = field(init=False)
    currency: str = field(init=False)
    case: Case = field(init=False)
    events: list[AnyEvent] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{SEED}-{self.number}")  # noqa: S311 - chance, not secrets
        self.packs = self.rng.choice(list(PLACES))
        self.currency = CURRENCIES[PLACES[self.packs]["country"]]
        self.case = self._case(a_policy(self.rng))
        for day in sorted(self.rng.sample(range(-3, 110), self.rng.randint(0, 6))):
            at = OPENED + timedelta(days=day, hours=self.rng.randint(10, 20), minutes=17)
            self.events.append(self._event(f"e{len(self.events)}", at))

    def _sum(self, *amounts: str) -> Document:
        return money(self.rng.choice(amounts), self.currency)

    def _case(self, policy: Policy) -> Case:
        debtor = {
            "id": f"C-{self.number}",
            "kind": self.rng.choice(["business", "business", "consumer", "sole_trader"]),
            "segment": self.rng.choice([None, "habitual-late"]),
            "consents": {"sms": "written", "call": "express"}
            | maybe(self.rng, 0.8, email="written"),
            "open_items": self.rng.choice([None, money("4000.00", self.currency)]),
            **maybe(self.rng, 0.3, reachable=("email", "letter")),
            **PLACES[self.packs],
        }
        invoice = {
            "id": f"RANDOM-{self.number}",
            "issued_on": "2026-01-01",
            "due_on": "2026-01-31",
            "amount": money("1000.00", self.currency),
        }
        return begin(
            "acme",
            Invoice.model_validate(invoice),
            Customer.model_validate(debtor),
            policy,
            OPENED,
            jurisdictions=self.packs,
        )

    def _event(self, name: str, at: datetime) -> AnyEvent:
        said = self.rng.choice(
            [
                self._money,
                self._money,
                self._dispute,
                self._agreement,
                self._agreement,
                self._pause,
                self._stop,
                self._contact,
                self._contact,
                self._decision,
            ]
        )(at)
        return EVENT.validate_python({"id": name, "at": at, **said})

    def _earlier(self, *kinds: str) -> str:
        """Name an event of these kinds, if there was one."""
        known = [event.id for event in self.events if event.type in kinds]
        return self.rng.choice(known or ["nothing"])

    def _so_far(self, at: datetime) -> Case:
        return simulate(self.case, self.events, at, episodes=False)[0]

    def _money(self, at: datetime) -> Document:
        value = {"value_on": (at - timedelta(days=2)).date()}
        made: list[Document] = [
            {
                "type": "payment_received",
                "amount": self._sum("1.00", "250.00", "600.00", "1000.00"),
                **maybe(self.rng, 0.3, **value),
            },
            {"type": "payment_reversed", "payment": self._earlier("payment_received")},
            {"type": "credit_issued", "amount": self._sum("120.50", "1000.00")},
            {"type": "credit_issued", "amount": self._sum("80.00", "2000.00"), "linked": False},
            {"type": "written_off", "reason": "small", "amount": self._sum("30.00")},
        ]
        return self.rng.choice(made)

    def _dispute(self, at: datetime) -> Document:
        answer = {"respond_by": (at + timedelta(days=9)).date()}
        verdict = {"result": self.rng.choice(["upheld", "rejected", "partly"])}
        made: list[Document] = [
            {"type": "dispute_opened", "reason": "wrong", **maybe(self.rng, 0.5, **answer)},
            {"type": "dispute_opened", "reason": "wrong", "amount": self._sum("300.00")},
            {
                "type": "dispute_resolved",
                "dispute": self._earlier("dispute_opened"),
                "amount": self._sum("100.00"),
                **verdict,
            },
        ]
        return self.rng.choice(made)

    def _agreement(self, at: datetime) -> Document:
        made: list[Document] = [
            {},
            {},
            {"type": "plan_cancelled", "plan": self._earlier("plan_accepted")},
            {"type": "promise_made", "pay_on": (at + timedelta(days=6)).date()},
            {
                "type": "promise_made",
                "pay_on": (at + timedelta(days=3)).date(),
                "amount": self._sum("200.00"),
            },
        ]
        return self.rng.choice(made) or self._plan(at)

    def _plan(self, at: datetime) -> Document:
        """Write a plan that divides what is open by then; where nothing is, one that does not."""
        open_ = balance(self._so_far(at)).due
        parts = [open_ // 2, open_ - open_ // 2] if open_ > 1 else [100_00]
        days = [at + timedelta(days=7 + 21 * number) for number in range(len(parts))]
        sums = [money(plain(minor, self.currency), self.currency) for minor in parts]
        instalments = [
            {"due_on": day.date(), "amount": part} for day, part in zip(days, sums, strict=True)
        ]
        return {"type": "plan_accepted", "instalments": instalments}

    def _pause(self, at: datetime) -> Document:
        named = self._earlier("hold_placed", "stop_requested", "promise_made", "credit_issued")
        made: list[Document] = [
            {
                "type": "hold_placed",
                "reason": "talks",
                **maybe(self.rng, 0.6, until=at + self._days(9)),
            },
            {"type": "hold_released", "hold": named},
            {"type": "hold_released", "hold": named},
        ]
        return self.rng.choice(made)

    def _days(self, most: int) -> timedelta:
        return timedelta(days=self.rng.randint(1, most), minutes=26)

    def _stop(self, at: datetime) -> Document:
        flags = ("cease_request", "breathing_space", "insolvency", "vulnerable", "unheard_of")
        opt_out = {"scope": f"channel:{self.rng.choice(['email', 'sms', 'call'])}"}
        return {
            "type": "stop_requested",
            "flag": self.rng.choice(flags),
            **maybe(self.rng, 0.5, **opt_out),
            **maybe(self.rng, 0.5, until=at + self._days(20)),
        }

    def _contact(self, at: datetime) -> Document:
        if self.rng.random() < 0.6:
            return self._outcome(at)
        names = [turn.id for turn in self.case.policy.turns]
        satisfies = maybe(self.rng, 0.6, satisfies=self.rng.choice(names))
        return {"type": "contact_made", "channel": "call", "by": "a person", **satisfies}

    def _outcome(self, at: datetime) -> Document:
        sent = [record.key for record in self._so_far(at).records if record.key]
        results = ("no_answer", "answered", "bounced", "delivered", "insufficient_funds", "busy")
        return {
            "type": "contact_outcome",
            "effect": self.rng.choice(sent or ["acme:nothing"]),
            "result": self.rng.choice(results),
        }

    def _decision(self, at: datetime) -> Document:
        waits = [turn.id for turn in self.case.policy.turns if turn.approval] or ["end"]
        verdict = self.rng.choice(["approve", "approve", "refuse"])
        made: list[Document] = [
            {"type": "invoice_cancelled"},
            {"type": "payment_received", "amount": self._sum("1000.00"), "value_on": at.date()},
        ]
        given = {
            "type": "approval_given",
            "step": self.rng.choice(waits),
            "decision": verdict,
            "by": "lead",
        }
        return self.rng.choice([given, given, given, *made])


@cache
def a_scenario(number: int) -> Rehearsed:
    """Return the scenario of that number."""
    author = Author(number)
    return Rehearsed(author.case, tuple(author.events), UNTIL)
