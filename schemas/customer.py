"""Who owes: the facts the rules need, and the contact points kept apart from them.

`CustomerFacts` may travel in workflow inputs: it holds no name and no address. `Customer` is the
whole record; it lives in PostgreSQL, where it can be erased.
"""

from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from schemas.base import Frozen
from schemas.money import Amount

DebtorKind = Literal["consumer", "sole_trader", "business", "public_body"]
Consent = Literal["none", "express", "written"]
Channel = Literal["email", "sms", "call", "letter"]

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._~+\- ]*$"
"""What an id may look like: no slash and no colon, for both have a meaning in workflow ids."""

Identifier = Annotated[str, Field(min_length=1, max_length=80, pattern=IDENTIFIER)]


def known_zone(name: str) -> str:
    """Return the IANA time zone's name, or raise ValueError for one that does not exist."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not an IANA time zone, e.g. Europe/Berlin") from error
    return name


def likely_kind(kind: object) -> object:
    """Return the kind of debtor; one we do not know is a consumer, whom the law protects most."""
    return kind if kind in get_args(DebtorKind) else "consumer"


TimeZone = Annotated[str, AfterValidator(known_zone)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]


class CustomerFacts(Frozen):
    """What the rules may know of a debtor; safe to keep in a workflow's history.

    `zones` are the places the postal address and the phone number point to; `reachable` the
    channels we have an address for (None: not looked up); `open_items` everything the debtor owes.
    """

    id: Identifier
    kind: Annotated[DebtorKind, BeforeValidator(likely_kind)] = "consumer"
    country: Country | None = None
    subdivision: str | None = None
    time_zone: TimeZone | None = None
    zones: tuple[TimeZone, ...] = ()
    language: Language = "en"
    segment: str | None = None
    consents: dict[Channel, Consent] = {}
    reachable: tuple[Channel, ...] | None = None
    open_items: Amount | None = None


class Customer(CustomerFacts):
    """The whole record of a debtor, contact points included; never in a history or a log."""

    name: str | None = None
    address: str | None = None
    city: str | None = None
    postal_code: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def facts(self) -> CustomerFacts:
        """The part that may leave PostgreSQL."""
        return CustomerFacts(**self.model_dump(include=set(CustomerFacts.model_fields)))
