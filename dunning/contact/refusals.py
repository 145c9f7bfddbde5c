"""What waiting does not cure: stop flags, opt-outs, missing consent."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from dunning.contact.asking import Ask, Deny
from schemas.customer import Consent
from schemas.jurisdiction import Pack, Stop
from schemas.rulebook import Rulebook

_STRENGTH: dict[Consent, int] = {"none": 0, "express": 1, "written": 2}


def refusal(ask: Ask, packs: Sequence[Pack]) -> Deny | None:
    """Return why these facts forbid the contact whatever the hour, or None."""
    return next(_refusals(ask, packs), None)


def charges_stopped(flags: Iterable[str], rules: Rulebook, day: date) -> str | None:
    """Return the id of the rule by which a flag stops charges as well on that day, or None."""
    for pack in rules.packs:
        for flag in sorted(flags):
            stop = pack.stops.get(flag)
            if stop and "charges" in stop.block and pack.in_force(day):
                return f"{pack.id}.stops.{flag}"
    return None


def _refusals(ask: Ask, packs: Sequence[Pack]) -> Iterator[Deny]:
    if ask.flags:
        yield from _stops(ask, packs)
    if ask.channel is not None:
        if packs and ask.opted_out:
            yield from _opt_outs(ask, packs)
        yield from _consents(ask, packs)


def _stops(ask: Ask, packs: Sequence[Pack]) -> Iterator[Deny]:
    for flag in sorted(ask.flags):
        ruled = [(pack, pack.stops[flag]) for pack in packs if flag in pack.stops]
        if packs and not ruled:
            # nobody has said what this flag spares, so it spares nothing
            yield Deny(f"{packs[0].id}.stops", f"{flag} stands, which no rule explains")
        for pack, stop in ruled:
            if _stopped(stop, ask):
                yield Deny(f"{pack.id}.stops.{flag}", f"{flag} stands")


def _stopped(stop: Stop, ask: Ask) -> bool:
    return ask.message_type not in stop.spare and (
        "*" in stop.block or (ask.channel is not None and ask.channel in stop.block)
    )


def _opt_outs(ask: Ask, packs: Sequence[Pack]) -> Iterator[Deny]:
    refused = {ask.channel} | ({"call"} if ask.channel == "call_auto" else set())
    if refused & ask.opted_out:
        yield Deny(f"{packs[0].id}.optout", f"the debtor wants no {ask.channel}")


def _consents(ask: Ask, packs: Sequence[Pack]) -> Iterator[Deny]:
    given = _given(ask)
    for pack in packs:
        needed = pack.consent.get(ask.channel, "none") if ask.channel else "none"
        if _STRENGTH[given] < _STRENGTH[needed]:
            yield Deny(f"{pack.id}.consent.{ask.channel}", f"{needed} consent is needed")


def _given(ask: Ask) -> Consent:
    given = ask.consents.get(ask.channel or "", "none")
    if ask.channel != "call_auto":
        return given
    return max(given, ask.consents.get("call", "none"), key=_STRENGTH.__getitem__)
