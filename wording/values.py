"""What a sentence may show: the facts of a case, written as a reader of the language expects.

A value is called as the contact rules call what it discloses (`amount_open`, `due_date` ...), so
that showing the value is disclosing it. What a case does not have (no plan, no promise) has no
value: a sentence that needs it is refused rather than sent with a hole in it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import quote

from babel.core import Locale

from wording import formatting
from wording.facts import Card, Facts, Letterhead
from wording.formatting import one_line
from wording.sample import FACTS, LETTERHEAD, TOGETHER
from wording.sentences import Value


def values(
    letterhead: Letterhead, facts: Facts, locale: Locale, seen: set[str]
) -> dict[str, object]:
    """Return every value by name; each text notes itself in `seen` when a sentence shows it."""
    texts = {
        **dict(_sender(letterhead, facts)),
        **dict(_matter(facts, locale)),
        **dict(_occasion(facts, locale)),
    }
    return {
        **{name: Value.of(name, text, seen) for name, text in texts.items()},
        "days_overdue": facts.days_overdue,
        "business": facts.business,
    }


def names() -> frozenset[str]:
    """Return the names of all values that there are: those of a case that has everything."""
    has_all = replace(FACTS, together=TOGETHER)
    return frozenset(values(LETTERHEAD, has_all, Locale("en"), set()))


Named = Iterator[tuple[str, str]]


def _sender(letterhead: Letterhead, facts: Facts) -> Named:
    phone = one_line(letterhead.contact_phone)
    yield "creditor_name", one_line(letterhead.creditor_name)
    yield "contact_email", one_line(letterhead.contact_email)
    yield "contact_phone", phone
    yield "callback_number", formatting.spelled(phone)
    yield (
        "pay_url",
        letterhead.pay_url.replace("{invoice}", quote(one_line(facts.invoice), safe="")),
    )


def _matter(facts: Facts, locale: Locale) -> Named:
    def sum_of(minor: int) -> str:
        return formatting.money(minor, facts.currency, locale)

    yield "customer_name", one_line(facts.customer_name or "")
    yield "invoice", one_line(facts.invoice)
    yield "reference", one_line(facts.reference)
    yield "reference_spelled", formatting.spelled(one_line(facts.reference))
    yield "amount_open", sum_of(facts.open_minor)
    yield "due_date", formatting.day(facts.due_on, locale)
    yield "pay_until", formatting.day(facts.pay_until, locale)
    yield "today", formatting.day(facts.today, locale)
    yield "announced_costs", sum_of(facts.announced_minor) if facts.announced_minor else ""
    yield "original_amount", sum_of(facts.original_minor)


def _occasion(facts: Facts, locale: Locale) -> Named:
    """Yield what only some cases have; what is merely unknown of it is an empty text."""

    def sum_of(minor: int) -> str:
        return formatting.money(minor, facts.currency, locale)

    def day(on: date | None) -> str:
        return formatting.day(on, locale) if on else ""

    if plan := facts.plan:
        yield "total", sum_of(plan.total_minor)
        yield "answer_until", day(plan.answer_until)
    if facts.together:
        yield "together_count", str(len(facts.together))
        yield "together_total", sum_of(sum(one.minor for one in facts.together))
    card = facts.card or Card()
    yield "card_ending", one_line(card.ending)
    yield "card_expiry", formatting.month(card.expires_on, locale) if card.expires_on else ""
    yield "retry_date", day(card.retry_on)
    if facts.agency:
        yield "agency_name", one_line(facts.agency)
    if facts.effective_on:
        yield "effective_date", day(facts.effective_on)
