"""What one cell may hold, field by field; dates and amounts have pages of their own.

Every reader takes the stripped text of a cell and returns the value in its one spelling, or raises
ValueError with the end of a sentence that begins with the cell: `"UK"` `is not ...`.
"""

import re
from collections.abc import Callable
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from schemas.currencies import EXPONENTS
from schemas.customer import Consent, Identifier, Language, known_zone, likely_kind
from schemas.invoice import ReceivableKind
from starter.ledger.countries import COUNTRIES

Reader = Callable[[str], str]

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+{_LABEL}")
_EMAIL_LONGEST = 254
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_PHONE_LONGEST = 40
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YES, _NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}
_ID: TypeAdapter[str] = TypeAdapter(Identifier)
_LANGUAGE: TypeAdapter[str] = TypeAdapter(Language)


def identifier(cell: str) -> str:
    """Return an id exactly as written, leading zeros included."""
    try:
        return _ID.validate_python(cell)
    except ValidationError as error:
        raise ValueError(
            "is not an id: at most 80 of letters, digits, spaces and . _ ~ + -, "
            "beginning with a letter or digit"
        ) from error


def flag(cell: str) -> bool:
    """Return a yes or no, however it is capitalised."""
    if cell.lower() not in _YES | _NO:
        raise ValueError("is neither yes nor no")
    return cell.lower() in _YES


def _country(cell: str) -> str:
    if cell not in COUNTRIES:
        raise ValueError("is not an ISO 3166 country code such as DE")
    return cell


def _currency(cell: str) -> str:
    if cell not in EXPONENTS:
        raise ValueError("is not an ISO 4217 currency code such as EUR")
    return cell


def _zone(cell: str) -> str:
    try:
        return known_zone(cell)
    except ValueError as error:
        raise ValueError("is not an IANA time zone such as Europe/Berlin") from error


def _language(cell: str) -> str:
    try:
        return _LANGUAGE.validate_python(cell)
    except ValidationError as error:
        raise ValueError("is not a language such as de or de-CH") from error


def _email(cell: str) -> str:
    if len(cell) > _EMAIL_LONGEST or not _EMAIL.fullmatch(cell):
        raise ValueError("is not an email address such as name@company.example")
    return cell


def _phone(cell: str) -> str:
    """Take the separators people write; a trunk zero in brackets would dial somebody else."""
    number = re.sub(r"[ ().-]", "", cell) if len(cell) <= _PHONE_LONGEST else ""
    if "(0)" in cell or not _E164.fullmatch(number):
        raise ValueError("is not an international phone number such as +442079460123")
    return number


def _one_of(literal: object) -> Reader:
    choices = get_args(literal)

    def read(cell: str) -> str:
        if cell not in choices:
            raise ValueError(f"is not one of {', '.join(choices)}")
        return cell

    return read


def _words(longest: int) -> Reader:
    """Read one line of text: a line break inside a quoted cell is a space of a name."""

    def read(cell: str) -> str:
        return _lines(longest)(" ".join(cell.splitlines()) if "\n" in cell else cell)

    return read


def _lines(longest: int) -> Reader:
    """Read text that may have several lines, such as an address."""

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise ValueError(f"is longer than {longest} characters")
        if _CONTROL.search(cell):
            raise ValueError("holds control characters")
        return "\n".join(cell.splitlines())

    return read


LONGEST = {"name": 200, "subdivision": 20, "segment": 40, "address": 400, "city": 200}
"""Characters; the books' own widths where a column has one."""

CUSTOMER_READERS: dict[str, Reader] = {
    "debtor_kind": lambda text: str(likely_kind(text)),
    "name": _words(LONGEST["name"]),
    "country": _country,
    "subdivision": _words(LONGEST["subdivision"]),
    "time_zone": _zone,
    "language": _language,
    "segment": _words(LONGEST["segment"]),
    "email": _email,
    "phone": _phone,
    "address": _lines(LONGEST["address"]),
    "city": _words(LONGEST["city"]),
    "postal_code": _words(20),
}
"""The optional fields of a customer; `debtor_kind` is the customer's `kind`."""

CONSENT_READERS: dict[str, Reader] = {
    f"consent_{channel}": _one_of(Consent) for channel in ("email", "sms", "call", "letter")
}
INVOICE_READERS: dict[str, Reader] = {"currency": _currency, "kind": _one_of(ReceivableKind)}

READERS: dict[str, Reader] = CUSTOMER_READERS | CONSENT_READERS | INVOICE_READERS
"""Every field that can have a default, and how it is read."""
