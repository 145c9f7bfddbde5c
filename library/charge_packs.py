"""Reading what the law lets a creditor charge: `jurisdictions/charges/`, a file for each place."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from library import rates
from library.folders import read_folder
from schemas.charging import ChargePack, Law
from schemas.customer import CustomerFacts
from schemas.interest import Reference
from schemas.policy import Policy
from schemas.rulebook import Rulebook

SHIPPED = Path(__file__).resolve().parent.parent / "jurisdictions" / "charges"
_SHAPE = "a charge pack is a mapping with `schema: statutory-charges/1`, `id` and `laws`"


@cache
def shipped() -> Mapping[str, ChargePack]:
    """Return the shipped charge packs by id."""
    return load_packs(SHIPPED)


def load_packs(folder: Path) -> dict[str, ChargePack]:
    """Return every charge pack of a folder by id; raises as `read_folder` does."""
    return read_folder(folder, ChargePack, _SHAPE)


def pack_for(customer: CustomerFacts, named: Sequence[str] | None = None) -> ChargePack:
    """Return the one pack that decides on a debtor's charges.

    `named` None resolves it from country and kind, `default` when no place fits; otherwise it is
    the first of those names that has charges of its own (a city's contact rules have none).
    """
    packs = shipped()
    if named is not None:
        return next((packs[name] for name in named if name in packs), packs["default"])
    at_home = (pack for pack in packs.values() if pack.country == customer.country is not None)
    return next((pack for pack in at_home if pack.law(customer.kind)), packs["default"])


def with_charges(
    book: Rulebook,
    customer: CustomerFacts,
    policy: Policy,
    due_on: date,
    named: Sequence[str] | None = None,
) -> Rulebook:
    """Return the rulebook with the debtor's charge pack and the reference rates it may need.

    `named` are the jurisdictions a scenario or creditor names: None resolves them from the
    customer, none at all leaves the case without law on charges. Only the debtor's own law and the
    rates from the due date on are kept: a case carries them.
    """
    if named is not None and not named:
        return book
    pack = pack_for(customer, None if named is None else [*named, *(one.id for one in book.packs)])
    law = pack.law(customer.kind)
    tables = rates.tables({*_of_law(law), *_of_policy(policy)}, due_on)
    kept = pack.model_copy(update={"laws": (law,)}) if law else pack
    return book.model_copy(update={"charges": kept, "rates": tables})


def _of_law(law: Law | None) -> Iterator[str]:
    for source in (law.interest, law.max_rate, law.min_rate) if law else ():
        if source is not None and isinstance(source.rate, Reference):
            yield source.rate.table


def _of_policy(policy: Policy) -> Iterator[str]:
    for step in policy.steps:
        interest = step.charge.interest if step.charge else None
        if interest is not None and isinstance(interest.rate, Reference):
            yield interest.rate.table
