"""May a step reach the debtor on these channels, and when: the contact rules asked for a case.

The history is the case's own; what other cases of the same customer did is added where the books
are at hand. A case without rules asks nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from dunning.agenda import NOT_SENT, outcome_of, remaining
from dunning.calendar import days_overdue, local_day, on_debtors_clock
from dunning.contact.asking import Allow, Ask, Counted, Defer, Deny, PastContact
from dunning.contact.gate import approval_before, decide
from dunning.facts import events_of
from dunning.once import once
from dunning.stops import opted_out, standing_flags, stopped_channels, stops
from schemas.case import Case, StepRecord
from schemas.customer import Consent
from schemas.jurisdiction import ContactChannel
from schemas.signals import ContactMade
from schemas.steps import CONTACTS, Step

CHANNELS: dict[str, ContactChannel] = {
    "email": "email",
    "sms": "sms",
    "letter": "letter",
    "call": "call_auto",  # a recorded voice speaks, so the stricter rules hold
}
GATED = CONTACTS | {"handoff"}
"""What the contact rules have a say in."""
_TALKS = frozenset({"answered", "completed", "conversation", "human"})
_NO_CONNECTION = frozenset({"busy", "canceled", "failed"})
_NOT_REACHED = _NO_CONNECTION | {"no_answer", "voicemail"}


@dataclass(frozen=True, slots=True)
class Reach:
    """The first moment a channel may be used; `rule` is what moved it later, if anything did."""

    do: str
    at: datetime
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Barred:
    """A channel that must not, or cannot, be used, and why."""

    do: str
    reason: str


def reaches(case: Case, step: Step, at: datetime) -> tuple[Reach | Barred, ...]:
    """Return what `reach` says of all that is left of a step and that the rules have a say in."""
    ruled = [do for do in remaining(case, step) if do in GATED]
    return reach(case, step, ruled, at) if ruled else ()


def reach(case: Case, step: Step, dos: Sequence[str], at: datetime) -> tuple[Reach | Barred, ...]:
    """Return for each channel when it may be used, from a moment on, or why it must not be.

    Channels are asked for in their order, each as if those before it had been used.
    """
    if case.rules is None and case.customer.reachable is None and not stops(case):
        return tuple(Reach(do, at) for do in dos)
    # the wait for a step and its moment ask the same; turns in between change nothing of it
    known, question = _answers(case), (step.id, *dos, at)
    if question not in known:
        known[question] = _reach(case, step, dos, at)
    return known[question]


@once("events", "records")
def _answers(case: Case) -> dict[tuple[object, ...], tuple[Reach | Barred, ...]]:  # noqa: ARG001
    return {}


def _reach(case: Case, step: Step, dos: Sequence[str], at: datetime) -> tuple[Reach | Barred, ...]:
    history = list(contacts(case))
    found: list[Reach | Barred] = []
    for do in dos:
        found.append(answer := _unreachable(case, do) or _asked(case, step, do, at, history))
        if isinstance(answer, Reach) and do in CONTACTS:
            history.append(_past(case, answer.at, CHANNELS[do], step.message_type, "attempt"))
    return tuple(found)


def needs_approval(case: Case, step: Step, now: datetime) -> str | None:
    """Return the rule of law by which a person must agree to a step, None when there is none."""
    if case.rules is None or "handoff" not in step.do:
        return None
    return approval_before("handoff", case.rules, local_day(case, now))


def _unreachable(case: Case, do: str) -> Barred | None:
    reachable = case.customer.reachable
    if do not in CONTACTS or reachable is None or do in reachable:
        return None
    return Barred(do, f"there is no address for {do}")


def _asked(
    case: Case, step: Step, do: str, at: datetime, history: Sequence[PastContact]
) -> Reach | Barred:
    rules = case.rules
    is_ruled = rules is not None and bool(rules.packs)
    # a flag of the whole case may spare some messages, which the rules know; an opt-out spares none
    closed = opted_out(case, at) if is_ruled else stopped_channels(case, at)
    if CHANNELS.get(do) in closed:
        return Barred(do, f"the debtor asked not to be contacted by {do}")
    if rules is None or not rules.packs:
        return Reach(do, at)
    return _answered(case, do, at, decide(_ask(case, step, do, at), rules, history))


def _answered(case: Case, do: str, at: datetime, answer: Allow | Defer | Deny) -> Reach | Barred:
    match answer:
        case Allow():
            return Reach(do, at)
        case Defer():
            return Reach(do, on_debtors_clock(case, answer.until), answer.rule)
        case Deny():
            return Barred(do, f"{answer.why} (rule {answer.rule})")


def _ask(case: Case, step: Step, do: str, at: datetime) -> Ask:
    return Ask(
        at=at,
        channel=CHANNELS.get(do),
        message_type=step.message_type if do in CONTACTS else do,
        debt=case.invoice.id,
        debtor_kind=case.customer.kind,
        zones=zones(case),
        consents=cast("Mapping[str, Consent]", case.customer.consents),
        flags=standing_flags(case, at),
        days_overdue=days_overdue(case, at),
        debtor=case.customer.id,
    )


@once()
def zones(case: Case) -> tuple[str, ...]:
    """Return every time zone the debtor may be in: by account, address and phone."""
    own = (case.customer.time_zone,) if case.customer.time_zone else ()
    return tuple(dict.fromkeys((*own, *case.customer.zones)))


@once("events", "records")
def contacts(case: Case) -> tuple[PastContact, ...]:
    """Return every contact about this invoice that the case knows of, its own and people's."""
    if case.rules is None:
        return ()
    return (*_own(case), *_by_people(case))


def _own(case: Case) -> Iterator[PastContact]:
    for record in case.records:
        channel = CHANNELS.get(record.do)
        if channel is not None and record.result in {"done", "unknown"}:
            counted = _counted(case, record)
            yield _past(case, record.at, channel, record.message or "reminder", counted)


def _counted(case: Case, record: StepRecord) -> Counted:
    told = outcome_of(case, record.key) or ""
    return counted_as(record.do, told, is_known=record.result != "unknown")


def counted_as(do: str, outcome: str, *, is_known: bool) -> Counted:
    """Return what a contact of ours counts as, by what was told of it."""
    if outcome == NOT_SENT:
        return "nothing"
    if do == "call":
        # an outcome nobody knows is taken for a talk: the longer wait is the safe one
        is_talk = outcome in _TALKS or not is_known
        return "nothing" if outcome in _NO_CONNECTION else "conversation" if is_talk else "attempt"
    return "delivered" if outcome == "delivered" else "attempt"


def _by_people(case: Case) -> Iterator[PastContact]:
    for event in events_of(case, ContactMade):
        result = (event.result or "").replace("-", "_").replace(" ", "_").lower()
        talked = event.channel == "call" and result not in _NOT_REACHED
        step = case.policy.step(event.satisfies) if event.satisfies else None
        kind = step.message_type if step else "reminder"
        yield _past(case, event.at, event.channel, kind, "conversation" if talked else "attempt")


def _past(
    case: Case, at: datetime, channel: ContactChannel, message_type: str, counted: Counted
) -> PastContact:
    return PastContact(at, channel, message_type, case.invoice.id, counted, case.customer.id)
