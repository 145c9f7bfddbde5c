"""The facts of one message, and how a reader of a given language expects them to be written.

Everything here is a pure function of its arguments. Amounts come as integer minor units and pass
through Decimal; the number of decimals is ISO 4217's, not CLDR's, for a missing decimal is a wrong
amount.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import quote

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency

from schemas.currencies import EXPONENTS
from schemas.errors import InputRefusedError

NO_BREAK = "\u00a0"

# line breaks and controls would forge headers; direction marks and lone surrogates forge or break
# what is read; U+FFFE and U+FFFF may not stand in XML
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_FORGERS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


CHARGE_KINDS = ("fee", "interest", "statutory")


@dataclass(frozen=True)
class Letterhead:
    """Who writes. `pay_url` may hold `{invoice}`, where the invoice's id is put in, URL-quoted."""

    creditor_name: str
    creditor_address: str
    contact_email: str
    contact_phone: str
    pay_url: str


@dataclass(frozen=True)
class ChargeLine:
    """One charge: its kind (`CHARGE_KINDS`, others read as "charge"), minor units and day."""

    kind: str
    minor: int
    on: date


@dataclass(frozen=True)
class Facts:
    """What one message is about; sums in minor units of `currency`, days of the debtor's calendar.

    `open_minor` is the net sum asked for. It may be less than original - paid + charges (part of it
    is disputed, say): the rest is shown as set aside. An empty `tone` is the template's mildest.
    Raises InputRefusedError for an unknown currency, and when more is asked for than the lines
    explain.
    """

    customer_name: str | None
    language: str
    business: bool
    invoice: str
    issued_on: date
    due_on: date
    currency: str
    original_minor: int
    paid_minor: int
    charges: tuple[ChargeLine, ...]
    open_minor: int
    days_overdue: int
    tone: str
    today: date
    pay_until: date
    reference: str
    customer_address: str | None = None

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise InputRefusedError(f"{self.currency!r} is not an ISO 4217 currency code")
        if self.aside_minor < 0:
            raise InputRefusedError(
                f"invoice {self.invoice}: {self.open_minor} minor units are asked for, "
                f"{-self.aside_minor} more than original - paid + charges explains"
            )

    @property
    def aside_minor(self) -> int:
        """What is owed by the lines but not asked for now, in minor units."""
        charged = sum(charge.minor for charge in self.charges)
        return self.original_minor - self.paid_minor + charged - self.open_minor


class Row(NamedTuple):
    """One line of the statement of account: a label's key, its day (or none) and its value."""

    key: str
    on: str | None
    value: str


def locale_of(language: str, fallback: str) -> Locale:
    """Return the locale of a tag such as `de-AT`; `fallback` when babel does not know it."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(fallback)


def money(minor: int, currency: str, locale: Locale) -> str:
    """Write minor units as the locale writes sums: `123450, "EUR"` is `1.234,50 €` in German."""
    digits = EXPONENTS[currency]
    fraction = "0." + "0" * digits if digits else "0"
    pattern = re.sub(r"0\.0+", fraction, locale.currency_formats["standard"].pattern)
    amount = Decimal(minor).scaleb(-digits)
    text = format_currency(amount, currency, pattern, locale, currency_digits=False)
    return re.sub(r"(?<=[A-Za-z])(?=\d)", NO_BREAK, text)  # English runs "KWD1.234" together


def day(on: date, locale: Locale) -> str:
    """Write a day in the locale's long form, e.g. `1. März 2026`."""
    text = format_date(on, "long", locale)
    if locale.language == "fr" and on.day == 1:
        return re.sub(r"^1 ", "1er ", text)  # CLDR does not know that French says "le premier"
    return text


def one_line(text: str) -> str:
    """Return text from outside as one harmless line: no line break, control or direction mark."""
    return re.sub(r" {2,}", " ", _BREAKS.sub(" ", _FORGERS.sub("", text))).strip()


def lines(text: str | None) -> list[str]:
    """Return the lines of an address, each harmless, empty ones left out."""
    return [line for line in map(one_line, (text or "").splitlines()) if line]


def paragraphs(text: str) -> list[str]:
    """Cut a template's prose at its blank lines; the line breaks of the file itself vanish."""
    # only ASCII blanks fold: the blanks inside a formatted amount do not break and must stay
    parts = (re.sub(r"[ \t\n]+", " ", part).strip() for part in re.split(r"\n\s*\n", text))
    return [part for part in parts if part]


def spelled(text: str) -> str:
    """Set the characters apart, so that a voice reads a number or a reference one by one."""
    return " ".join(text.replace(" ", ""))


def french_spaces(text: str) -> str:
    """Make the blanks before `: ; ! ? % »` and after `«` unbreakable, as French sets them."""
    return re.sub(r"(?<=\S) (?=[:;!?%»])|(?<=«) ", NO_BREAK, text)


def tidy(text: str) -> str:
    """Drop blanks at line ends and more than one empty line; the text ends with one line break."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"


def values(letterhead: Letterhead, facts: Facts, locale: Locale) -> Mapping[str, object]:
    """Return everything a template may show: text made harmless, sums and days in the locale.

    Text is not escaped here: the template's own kind (markup or plain) decides that.
    """
    return _sender(letterhead, facts) | _matter(facts, locale)


def _sender(letterhead: Letterhead, facts: Facts) -> dict[str, object]:
    phone = one_line(letterhead.contact_phone)
    return {
        "creditor_name": one_line(letterhead.creditor_name),
        "creditor_address": lines(letterhead.creditor_address),
        "contact_email": one_line(letterhead.contact_email),
        "contact_phone": phone,
        "contact_dial": "".join(sign for sign in phone if sign in "+0123456789"),
        "pay_url": letterhead.pay_url.replace("{invoice}", quote(one_line(facts.invoice), safe="")),
    }


def _matter(facts: Facts, locale: Locale) -> dict[str, object]:
    return {
        "business": facts.business,
        "customer_name": one_line(facts.customer_name or ""),
        "customer_address": lines(facts.customer_address),
        "invoice": one_line(facts.invoice),
        "reference": one_line(facts.reference),
        "amount_open": money(facts.open_minor, facts.currency, locale),
        "due_on": day(facts.due_on, locale),
        "pay_until": day(facts.pay_until, locale),
        "today": day(facts.today, locale),
        "days_overdue": facts.days_overdue,
        "statement": (*_invoice_rows(facts, locale), *_sum_rows(facts, locale)),
    }


def _invoice_rows(facts: Facts, locale: Locale) -> tuple[Row, ...]:
    return (
        Row("invoice", None, one_line(facts.invoice)),
        Row("reference", None, one_line(facts.reference)),
        Row("issued", None, day(facts.issued_on, locale)),
        Row("due", None, day(facts.due_on, locale)),
    )


def _sum_rows(facts: Facts, locale: Locale) -> tuple[Row, ...]:
    def row(key: str, minor: int, on: date | None = None) -> Row:
        return Row(key, day(on, locale) if on else None, money(minor, facts.currency, locale))

    charges = [row(_label(charge), charge.minor, charge.on) for charge in facts.charges]
    aside = [row("aside", facts.aside_minor)] if facts.aside_minor else []
    return (
        row("original", facts.original_minor),
        row("paid", facts.paid_minor),
        *(charges or [row("charges", 0)]),  # "no charges" is said, not left to be guessed
        *aside,
        row("open", facts.open_minor),
        Row("pay_until", None, day(facts.pay_until, locale)),
    )


def _label(charge: ChargeLine) -> str:
    return charge.kind if charge.kind in CHARGE_KINDS else "charge"
