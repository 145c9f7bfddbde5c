"""Asks, histories and rulebooks in few words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dunning.contact.asking import Answer, Ask, Counted, Defer, PastContact
from dunning.contact.gate import decide
from library.jurisdictions import rulebook
from schemas.customer import Customer
from schemas.jurisdiction import ContactChannel, Pack
from schemas.rulebook import Rulebook

OPENED = date(2026, 1, 1)
NEW_YORK = "America/New_York"
BERLIN = "Europe/Berlin"


def at(text: str, zone: str = NEW_YORK) -> datetime:
    """Return a local moment: `2026-03-02 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def rules(*named: str, **customer: Any) -> Rulebook:  # noqa: ANN401 - fields of a customer
    """Return the packs of those names, or those a customer's fields resolve to."""
    debtor = Customer.model_validate({"id": "C-1", **customer})
    return rulebook(debtor, named or None, OPENED)


def own(**pack: Any) -> Rulebook:  # noqa: ANN401 - a pack as it is written
    """Return a rulebook of one pack, open at all hours unless it says otherwise."""
    return Rulebook(packs=(written(**pack),))


def written(**pack: Any) -> Pack:  # noqa: ANN401 - a pack as it is written
    return Pack.model_validate(
        {"id": "own", "version": "1", "clock": {"max_defer_days": 5}, **pack}
    )


def ask(when: str | datetime, channel: ContactChannel | None = "call", **fields: Any) -> Ask:  # noqa: ANN401 - fields of an ask
    zones = fields.setdefault("zones", (NEW_YORK,))
    moment = at(when, zones[0] if zones else "UTC") if isinstance(when, str) else when
    return Ask(
        **{"message_type": "reminder", "debt": "D-1", **fields, "at": moment, "channel": channel}
    )


def past(
    when: str,
    channel: ContactChannel = "call",
    counted_as: Counted = "attempt",
    zone: str = NEW_YORK,
    **fields: Any,  # noqa: ANN401 - fields of a contact
) -> PastContact:
    named = {"message_type": "reminder", "debt": "D-1", **fields}
    return PastContact(at=at(when, zone), channel=channel, counted_as=counted_as, **named)


def calls(*days: str) -> list[PastContact]:
    """Return one call at ten on each of those days, times as often as `x2` says."""
    history = []
    for day in days:
        name, _, times = day.partition("x")
        history += [past(f"{name.strip()} 10:{n:02}") for n in range(int(times or 1))]
    return history


def until(answer: Answer, zone: str = NEW_YORK) -> str:
    """Return what a deferral waits for, as the local clock shows it."""
    assert isinstance(answer, Defer), answer
    return f"{answer.until.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def said(asked: Ask, book: Rulebook, history: Sequence[PastContact] = ()) -> str:
    """Return the answer in a word and its rule: `allow`, `defer us-7in7`, `deny us.optout`."""
    answer = decide(asked, book, history)
    rule = getattr(answer, "rule", "")
    return f"{type(answer).__name__.lower()} {rule}".strip()
