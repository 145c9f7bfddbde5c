"""Which packs are in force at a moment, and when that will change."""

from collections.abc import Iterator
from datetime import date, timedelta

from dunning.contact.asking import Wait
from dunning.contact.counting import ONE_DAY, Scene
from dunning.contact.hours import start_of
from schemas.jurisdiction import Pack
from schemas.rulebook import Rulebook


def packs_in_force(rules: Rulebook, now: Scene) -> list[Pack]:
    """Return the packs that apply at that moment, in any of the candidate zones."""
    return [pack for pack in rules.packs if _applies(pack, now)]


def not_past_a_change(wait: Wait, now: Scene, rules: Rulebook) -> Wait:
    """Shorten a wait to the moment at which a rule starts or ends: all is then asked anew."""
    changes = (start_of(day, zone) for day in set(_changes(rules, now)) for zone in now.zones)
    return Wait(
        min((at for at in changes if now.at < at < wait.until), default=wait.until), wait.rule
    )


def _applies(pack: Pack, now: Scene) -> bool:
    least = pack.match.min_days_overdue
    return pack.in_force_on_any(now.days) and (
        least is None or any(day >= _overdue_on(least, now, i) for i, day in enumerate(now.days))
    )


def _overdue_on(least: int, now: Scene, number: int) -> date:
    """Return the day in that zone on which the debt is so many days overdue."""
    asked_on = now.ask.at.astimezone(now.zones[number]).date()
    return asked_on + timedelta(days=least - now.ask.days_overdue)


def _changes(rules: Rulebook, now: Scene) -> Iterator[date]:
    for pack in rules.packs:
        for rule in (pack, *pack.caps, *pack.gaps, *pack.gates):
            if rule.valid_from:
                yield rule.valid_from
            if rule.valid_to:
                yield rule.valid_to + ONE_DAY
        if pack.match.min_days_overdue is not None:
            for number in range(len(now.zones)):
                yield _overdue_on(pack.match.min_days_overdue, now, number)
