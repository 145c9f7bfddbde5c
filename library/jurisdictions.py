"""Contact rules of the shipped jurisdictions: reading them, and choosing those of a debtor.

A pack may `extend` another: mappings merge, everything else replaces, and a key that ends in `_add`
appends to its list. The days of a channel's week are replaced as a whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from library.documents import Document, DocumentRefusedError, fault_at, faults, read_document
from library.extending import leads_to_an_end, merged
from library.places import calendar_of, days_off
from schemas.customer import Customer, CustomerFacts
from schemas.errors import InputRefusedError
from schemas.jurisdiction import Match, OptOut, Pack, Rule
from schemas.rulebook import Rulebook

SHIPPED = Path(__file__).resolve().parent.parent / "jurisdictions"
SCHEMA = "contact-rules/1"
YEARS_AHEAD = 2
"""How far beyond its opening a case knows its holidays, and the rules that are yet to come."""

AnyRule = TypeVar("AnyRule", bound=Rule)
_SHAPE = f"a pack is a mapping with `schema: {SCHEMA}`, `id` and its rules"


@cache
def shipped() -> Mapping[str, Pack]:
    """Return the shipped packs by id, each merged with what it extends."""
    return load_packs(SHIPPED)


def load_packs(folder: Path) -> dict[str, Pack]:
    """Return every pack of a folder by id, each merged with what it extends.

    Raises DocumentRefusedError with every fault of every file: its file, line and field.
    """
    read = [read_document(path) for path in sorted(folder.glob("*.yaml"))]
    return _packs({_id(one): one for one in read}, read)


def load_pack(path: Path) -> Pack:
    """Return one pack from a file, which may extend a shipped one; raises as `load_packs` does."""
    own = read_document(path)
    known = {_id(one): one for one in map(read_document, sorted(SHIPPED.glob("*.yaml")))}
    return _packs(known | {_id(own): own}, [own])[_id(own)]


def packs_for(customer: CustomerFacts, named: Sequence[str] | None) -> list[Pack]:
    """Return the whole packs for a debtor: what templates, lints and readers of replies need.

    `named` None resolves them from kind, country, subdivision and city; otherwise they are the
    packs of those ids or paths, with what they add to. Raises InputRefusedError for a pack that
    does not exist.
    """
    return _resolved(customer) if named is None else _named(named)


def rulebook(customer: CustomerFacts, named: Sequence[str] | None, opened_on: date) -> Rulebook:
    """Return what decides on contact with a debtor, to be pinned in the case that opens that day.

    The packs are those of `packs_for`; the ones that begin within two years come along, for the
    day of sending picks. Only what a decision needs is kept: words to print or to listen for
    follow the shipped packs of the day, as the templates do.
    """
    last = date(opened_on.year + YEARS_AHEAD, 12, 31)
    packs = [pack for pack in packs_for(customer, named) if _matters(pack, opened_on, last)]
    calendars = {pack.id: calendar_of(pack, customer) for pack in packs}
    years = range(opened_on.year - 1, last.year + 1)
    return Rulebook(
        packs=tuple(_kept(pack, calendars[pack.id]) for pack in packs),
        holidays={
            name: days_off(name, years) for name in sorted(set(calendars.values()) - {"none"})
        },
        holidays_until=last,
    )


def _resolved(customer: CustomerFacts) -> list[Pack]:
    """Return the country's pack, else the default one, and those that add to it."""
    packs = shipped()
    base = next(
        (one for one in packs.values() if one.adds_to is None and _is_for(one.match, customer)),
        packs["default"],
    )
    added = [one for one in packs.values() if one.adds_to == base.id]
    return [base, *(one for one in added if _is_for(one.match, customer))]


def _named(named: Sequence[str]) -> list[Pack]:
    chosen: dict[str, Pack] = {}
    for name in named:
        pack = load_pack(Path(name)) if name.endswith((".yaml", ".yml", ".json")) else _find(name)
        if pack.adds_to is not None:
            chosen.setdefault(pack.adds_to, _find(pack.adds_to))
        chosen[pack.id] = pack
    return list(chosen.values())


def _find(name: str) -> Pack:
    if name not in shipped():
        known = ", ".join(sorted(shipped()))
        raise InputRefusedError(
            f"jurisdictions: there is no pack {name!r}; shipped are {known}, or give a path"
        )
    return shipped()[name]


def _matters(pack: Pack, opened_on: date, last: date) -> bool:
    ended = pack.valid_to is not None and pack.valid_to < opened_on
    return not ended and (pack.valid_from is None or pack.valid_from <= last)


def _is_for(match: Match, customer: CustomerFacts) -> bool:
    state = (customer.subdivision or "").removeprefix(f"{customer.country}-")
    return (
        match.country == customer.country
        and (not match.debtor or customer.kind in match.debtor)
        and match.subdivision in {None, state}
        and (not (match.city or match.postal_prefix) or _in_city(match, customer))
    )


def _in_city(match: Match, customer: CustomerFacts) -> bool:
    if not isinstance(customer, Customer):
        return False
    city = (customer.city or "").strip().casefold()
    code = (customer.postal_code or "").strip()
    return city in {one.casefold() for one in match.city} or code.startswith(match.postal_prefix)


def _kept(pack: Pack, calendar: str) -> Pack:
    is_shipped = shipped().get(pack.id) is pack
    return _shipped_pin(pack.id, calendar) if is_shipped else _pinned(pack, calendar)


@cache
def _shipped_pin(pack_id: str, calendar: str) -> Pack:
    return _pinned(shipped()[pack_id], calendar)


def _pinned(pack: Pack, calendar: str) -> Pack:
    """Return the pack as a case keeps it: ids and numbers, and the debtor's own calendar."""
    return Pack(
        id=pack.id,
        version=pack.version,
        adds_to=pack.adds_to,
        valid_from=pack.valid_from,
        valid_to=pack.valid_to,
        match=Match(min_days_overdue=pack.match.min_days_overdue),
        clock=pack.clock,
        windows=pack.windows,
        holidays=pack.holidays and pack.holidays.model_copy(update={"calendar": calendar}),
        caps=tuple(map(_bare, pack.caps)),
        gaps=tuple(map(_bare, pack.gaps)),
        gates=tuple(map(_bare, pack.gates)),
        consent=pack.consent,
        optout=_without_words(pack.optout),
        stops=pack.stops,
        receipt=pack.receipt,
        plan=pack.plan,
    )


def _without_words(said: OptOut | None) -> OptOut | None:
    return OptOut(together=said.together) if said and said.together else None


def _bare(rule: AnyRule) -> AnyRule:
    return rule.model_copy(update={"cite": None, "verified_on": None, "basis": "convention"})


def _id(document: Document) -> str:
    content = document.content
    named = content.get("id") if isinstance(content, dict) else None
    return str(named or document.where)


def _packs(known: Mapping[str, Document], wanted: Sequence[Document]) -> dict[str, Pack]:
    packs: dict[str, Pack] = {}
    wrong: list[str] = []
    for document in wanted:
        try:
            packs[_id(document)] = _pack(document, known)
        except DocumentRefusedError as error:
            wrong += error.faults
    if wrong:
        raise DocumentRefusedError(tuple(wrong))
    return packs


def _pack(document: Document, known: Mapping[str, Document]) -> Pack:
    if wrong := list(_misnamed(document, known)):
        raise DocumentRefusedError(tuple(wrong))
    whole = merged(document, known)
    try:
        pack = Pack.model_validate(whole.content)
    except ValidationError as error:
        raise DocumentRefusedError(tuple(faults(error, whole, Pack))) from error
    if wrong := list(_unsourced(whole, pack)):
        raise DocumentRefusedError(tuple(wrong))
    return pack


def _misnamed(document: Document, known: Mapping[str, Document]) -> Iterator[str]:
    """Yield what is wrong before the rules are even looked at."""
    content = document.content
    if not isinstance(content, dict):
        yield f"{document.where}: {_SHAPE}"
        return
    if content.get("schema") != SCHEMA:
        yield fault_at(document, ("schema",), f"write `schema: {SCHEMA}`")
    for link in ("extends", "adds_to"):
        if not leads_to_an_end(document, link, known):
            ids = ", ".join(sorted(set(known) - {_id(document)}))
            words = f"{content[link]!r} is no pack it can build on; there are {ids}"
            yield fault_at(document, (link,), words)


def _unsourced(document: Document, pack: Pack) -> Iterator[str]:
    """Yield the rules of law that do not say where they stand."""
    for block in ("caps", "gaps", "gates", "duties"):
        for number, rule in enumerate(getattr(pack, block)):
            if rule.basis != "convention" and not rule.cite:
                yield fault_at(document, (block, number), f"cite: say which {rule.basis} it is")
    for name, source in pack.sources.items():
        if source.basis != "convention" and not source.cite:
            yield fault_at(document, ("sources", name), f"cite: say which {source.basis} it is")
