"""How a reader of a given language expects sums, days and addresses to be written.

Everything here is a pure function of its arguments. Amounts come as integer minor units and pass
through Decimal; the number of decimals is ISO 4217's, not CLDR's, for a missing decimal is a wrong
amount.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency

from schemas.currencies import EXPONENTS

NO_BREAK = "\u00a0"

# line breaks and controls would forge headers; direction marks and lone surrogates forge or break
# what is read; U+FFFE and U+FFFF may not stand in XML
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_FORGERS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


def locale_of(language: str, fallback: str) -> Locale:
    """Return the locale of a tag such as `de-AT`; `fallback` when babel does not know it."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(fallback)


@lru_cache(maxsize=4096)
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


def month(on: date, locale: Locale) -> str:
    """Write the month of a day, e.g. `March 2026`."""
    return format_skeleton("yMMMM", on, locale=locale)


def one_line(text: str) -> str:
    """Return text from outside as one harmless line: no line break, control or direction mark."""
    return re.sub(r" {2,}", " ", _BREAKS.sub(" ", _FORGERS.sub("", text))).strip()


def lines(text: str | None) -> list[str]:
    """Return the lines of an address, each harmless, empty ones left out."""
    return [line for line in map(one_line, (text or "").splitlines()) if line]


def paragraphs(text: str) -> list[str]:
    """Cut prose at its blank lines; the line breaks of the file itself vanish."""
    # only ASCII blanks fold: the blanks inside a formatted amount do not break and must stay
    parts = (re.sub(r"[ \t\n]+", " ", part).strip() for part in re.split(r"\n\s*\n", text))
    return [part for part in parts if part]


def spelled(text: str) -> str:
    """Set the characters apart, so that a voice reads a number or a reference one by one."""
    return " ".join(text.replace(" ", ""))


def french_spaces(text: str) -> str:
    """Make a blank or line end before `: ; ! ? % »` and after `«` unbreakable, as French has it."""
    return re.sub(r"(?<=\S)[ \n](?=[:;!?%»])|(?<=«)[ \n]", NO_BREAK, text)


def tidy(text: str) -> str:
    """Drop blanks at line ends and more than one empty line; the text ends with one line break."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"
