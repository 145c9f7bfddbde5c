"""The twenty made-up customers of the sample.

Names are invented, email domains end in `.example`. Phone numbers lie where no subscriber can be:
in the ranges kept for fiction (US 555-01xx, UK 0xxx of London, Manchester and Leeds, Berlin
23125-xxx), and for Switzerland and Japan, which keep none, behind a subscriber number that begins
with 0 and is therefore never assigned. A number ending in 0002 does not answer in the demo.
"""

from typing import NamedTuple


class Place(NamedTuple):
    """Where a customer lives, and the currency it is billed in."""

    country: str
    subdivision: str
    time_zone: str
    currency: str
    city: str
    postal_code: str


class Person(NamedTuple):
    """One customer."""

    number: int
    kind: str
    name: str
    language: str
    phone: str
    address: str
    place: Place

    @property
    def id(self) -> str:
        """The customer id, e.g. `C-017`."""
        return f"C-{self.number:03d}"

    @property
    def email(self) -> str:
        """An address at a reserved domain, e.g. `accounts@customer-017.example`."""
        return f"accounts@customer-{self.number:03d}.example"

    @property
    def answers(self) -> bool:
        """Whether a person takes the call."""
        return not self.phone.endswith("0002")


_NEW_YORK = Place("US", "NY", "America/New_York", "USD", "New York", "10001")
_CHICAGO = Place("US", "IL", "America/Chicago", "USD", "Chicago", "60601")
_DENVER = Place("US", "CO", "America/Denver", "USD", "Denver", "80202")
_OAKLAND = Place("US", "CA", "America/Los_Angeles", "USD", "Oakland", "94607")
_BERLIN = Place("DE", "BE", "Europe/Berlin", "EUR", "Berlin", "10115")
_MUNICH = Place("DE", "BY", "Europe/Berlin", "EUR", "München", "80331")
_LONDON = Place("GB", "ENG", "Europe/London", "GBP", "London", "EC1A 1BB")
_LEEDS = Place("GB", "ENG", "Europe/London", "GBP", "Leeds", "LS1 1UR")
_ZURICH = Place("CH", "ZH", "Europe/Zurich", "CHF", "Zürich", "8001")
_GENEVA = Place("CH", "GE", "Europe/Zurich", "CHF", "Genève", "1201")
_TOKYO = Place("JP", "13", "Asia/Tokyo", "JPY", "Tokyo", "100-0001")

_ROWS = (
    ("business", "Harbor Lantern LLC", "en", "+12125550143", "12 Sample Street", _NEW_YORK),
    ("sole_trader", "Odile Farrow Design", "en", "+12125550117", "48 Sample Street", _NEW_YORK),
    ("business", "Prairie Kettle Inc", "en", "+13125550129", "7 Placeholder Avenue", _CHICAGO),
    ("consumer", "Wren Halloway", "en", "+13035550166", "310 Specimen Road, Apt 4", _DENVER),
    ("public_body", "Juniper Flats Library", "en", "+13035550181", "1 Specimen Road", _DENVER),
    ("business", "Copper Gull Freight Inc", "en", "+15105550155", "99 Example Way", _OAKLAND),
    ("business", "Birkenhain Werkzeuge GmbH", "de", "+493023125011", "Musterweg 5", _BERLIN),
    ("sole_trader", "Backstube Lindgrün", "de", "+493023125028", "Musterweg 17", _BERLIN),
    ("consumer", "Tilda Rosenmoor", "de", "+493023125036", "Beispielallee 3", _BERLIN),
    ("business", "Alpkiesel Technik GmbH", "de", "+493023125047", "Probegasse 21", _MUNICH),
    ("public_body", "Stadtwerke Musterau", "de", "+493023125059", "Probegasse 1", _MUNICH),
    ("business", "Thistle & Quay Ltd", "en", "+442079460123", "4 Pattern Lane", _LONDON),
    ("business", "Marrow Street Records Ltd", "en", "+442079460002", "88 Pattern Lane", _LONDON),
    ("consumer", "Imogen Ashbarrow", "en", "+441134960171", "16 Specimen Row", _LEEDS),
    ("sole_trader", "Fettle Bicycle Repair", "en", "+441134960002", "2 Specimen Row", _LEEDS),
    ("business", "Seeblick Apparatebau AG", "de", "+41440001017", "Musterstrasse 8", _ZURICH),
    ("business", "Atelier Clairvallon SA", "fr", "+41220001023", "Rue du Modèle 14", _GENEVA),
    ("consumer", "Aurélie Montfleur", "fr", "+41220001038", "Rue du Modèle 2", _GENEVA),
    ("business", "Aozora Kobo KK", "en", "+81300001043", "1-2-3 Mihon", _TOKYO),
    ("business", "Shirakaba Trading KK", "en", "+81300001056", "4-5-6 Mihon", _TOKYO),
)

PEOPLE = tuple(Person(number, *row) for number, row in enumerate(_ROWS, start=1))
"""All customers, C-001 to C-020."""
