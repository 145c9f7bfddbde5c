"""The contact rules once more, in the plainest way: what a contact at a moment would break.

Written against the text of the packs and the facts of the case alone, and not against the code that
decides: two readings of one law, so that one can find the other wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.case import Case
from schemas.jurisdiction import Pack
from schemas.signals import ContactMade, ContactOutcome

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANK = {"nothing": 0, "attempt": 1, "delivered": 2, "conversation": 3}
_STRENGTH = {"none": 0, "express": 1, "written": 2}
_CHANNELS = {"email": "email", "sms": "sms", "letter": "letter", "call": "call_auto"}


@dataclass(frozen=True)
class Contact:
    """A contact that was made: when, how, as what, and what it came to."""

    at: datetime
    channel: str
    kind: str
    came_to: str


def broken_by(case: Case, do: str, kind: str, at: datetime) -> list[str]:
    """Return the ids of the rules that a contact of that kind on a channel would break."""
    return list(_broken(case, _CHANNELS[do], kind, at))


def _broken(case: Case, channel: str, kind: str, at: datetime) -> Iterator[str]:
    past = [*_ours(case), *_theirs(case)]
    for zone in _zones(case):
        today = at.astimezone(zone).date()
        for pack in case.rules.packs if case.rules else ():
            if not pack.in_force(today):
                continue
            if not _is_open(case, pack, channel, at.astimezone(zone)):
                yield f"{pack.id}.windows.{channel}"
            yield from _caps(pack, channel, kind, past, today, zone)
            yield from _gaps(pack, channel, past, today, zone)
            yield from _gates(case, pack, kind, past, today, zone)
            yield from _consent(case, pack, channel)


def _zones(case: Case) -> list[ZoneInfo]:
    own = [case.customer.time_zone] if case.customer.time_zone else []
    return [ZoneInfo(name) for name in {*own, *case.customer.zones}]


def _is_open(case: Case, pack: Pack, channel: str, local: datetime) -> bool:
    assert case.rules is not None
    if pack.holidays and channel in pack.holidays.closed:
        days_off = case.rules.holidays.get(pack.holidays.calendar, ())
        if local.date() in days_off:
            return False
    for named, week in pack.windows.items():
        if named != channel:
            continue
        spans = [
            span
            for days, written in week.model_dump().items()
            for span in written
            if _DAYS.index(days[:3]) <= local.weekday() <= _DAYS.index(days[-3:])
        ]
        return any(span[:5] <= f"{local:%H:%M}" < span[6:] for span in spans)
    return True


def _caps(
    pack: Pack, channel: str, kind: str, past: list[Contact], today: date, zone: ZoneInfo
) -> Iterator[str]:
    for cap in pack.caps:
        if channel not in cap.channels or kind in cap.exempt or cap.when.line or cap.when.place:
            continue
        if not cap.in_force(today):
            continue
        counted = [
            one
            for one in past
            if one.channel in cap.channels
            and one.kind not in cap.exempt
            and _RANK[one.came_to] >= _RANK[cap.count]
            and 0 <= (today - one.at.astimezone(zone).date()).days < cap.days
        ]
        if len(counted) >= cap.n:
            yield cap.id


def _gaps(
    pack: Pack, channel: str, past: list[Contact], today: date, zone: ZoneInfo
) -> Iterator[str]:
    for gap in pack.gaps:
        length = gap.days if gap.includes_event_day else gap.days + 1
        for one in past:
            age = (today - one.at.astimezone(zone).date()).days
            reached = _RANK[one.came_to] >= _RANK[gap.after]
            if channel in gap.block and reached and 0 <= age < length:
                yield gap.id


def _gates(
    case: Case, pack: Pack, kind: str, past: list[Contact], today: date, zone: ZoneInfo
) -> Iterator[str]:
    for gate in pack.gates:
        if gate.before != kind or (gate.debtor and case.customer.kind not in gate.debtor):
            continue
        sent = [one.at.astimezone(zone).date() for one in past if _opens(gate.need, one)]
        # by the day of sending alone, however long the post takes: never sooner than this
        if not any(day + timedelta(days=gate.min_days) <= today for day in sent):
            yield gate.id


def _opens(need: str, one: Contact) -> bool:
    return one.kind == need and one.came_to != "nothing"


def _consent(case: Case, pack: Pack, channel: str) -> Iterator[str]:
    asked = (channel, "call") if channel == "call_auto" else (channel,)
    consents = {str(name): given for name, given in case.customer.consents.items()}
    given = max(_STRENGTH[consents.get(name, "none")] for name in asked)
    for named, needed in pack.consent.items():
        if named == channel and given < _STRENGTH[needed]:
            yield f"{pack.id}.consent.{channel}"


def _ours(case: Case) -> Iterator[Contact]:
    told = {e.effect: e.result for e in case.events if isinstance(e, ContactOutcome)}
    for record in case.records:
        if record.do in _CHANNELS and record.result in {"done", "unknown"}:
            step = case.policy.step(record.step)
            kind = step.message_type if step else "plan_message"
            outcome = told.get(record.key or "", "").replace("-", "_")
            yield Contact(
                record.at,
                _CHANNELS[record.do],
                kind,
                _came_to(record.do, outcome, is_known=record.result == "done"),
            )


def _came_to(do: str, outcome: str, *, is_known: bool) -> str:
    if do != "call":
        return "delivered" if outcome == "delivered" else "attempt"
    if outcome in {"busy", "failed", "canceled"}:
        return "nothing"
    talked = {"answered", "completed", "conversation", "human"}
    return "conversation" if outcome in talked or not is_known else "attempt"


def _theirs(case: Case) -> Iterator[Contact]:
    for event in case.events:
        if isinstance(event, ContactMade):
            step = case.policy.step(event.satisfies) if event.satisfies else None
            talked = event.channel == "call" and event.result != "no answer"
            yield Contact(
                event.at,
                event.channel,
                step.message_type if step else "reminder",
                "conversation" if talked else "attempt",
            )
