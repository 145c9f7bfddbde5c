"""Cases under contact rules, and what the rules say about their steps."""

from datetime import datetime

from dunning.apply import performed
from dunning.moves import Act
from dunning.reach import Barred, Reach, reach
from schemas.case import Case
from schemas.effects import ChannelReceipt, Planned, Receipt
from schemas.policy import Policy
from schemas.rulebook import Rulebook
from schemas.signals import AnyEvent
from tests.contact.build import rules
from tests.dunning.build import at, case, event, policy, step

POLICY = policy(
    step("first", "due+1d"),
    step("text", "due+1d", "sms"),
    step("call", "due+8d", "call"),
    step("default", "due+9d", "letter", template="default-notice"),
    step("final", "due+15d", ["email", "letter"], template="final-notice"),
    step("off", "due+60d", "handoff"),
)
FEBRUARY = {day: at(f"02-{day:02} 10:00") for day in range(1, 29)}


def ruled(book: Rulebook | None = None, rules_of: Policy = POLICY, **debtor: object) -> Case:
    """Return a case under contact rules, by default those of no place in particular."""
    asked = {"consents": {"sms": "express", "call": "express"}, "country": "DE", **debtor}
    begun = case(rules_of, **asked)  # type: ignore[arg-type]
    return begun.model_copy(update={"rules": book or rules("default")})


def after(begun: Case, name: str, day: datetime, result: str = "done") -> Case:
    """Return the case after a step was carried out on all its channels."""
    of = begun.policy.step(name)
    assert of is not None
    planned = tuple(Planned(do=do, key=f"{name}:{do}:{day:%m%d%H}") for do in of.do)
    answers = (
        ChannelReceipt.model_validate(one.model_dump() | {"result": result}) for one in planned
    )
    act = Act("send", of, planned, 1000_00)
    return performed(begun, act, Receipt(receipts=tuple(answers)), day, 0)


def came(effect: str, result: str) -> AnyEvent:
    return event("contact_outcome", f"o-{effect}", "02-01", effect=effect, result=result)


def asked(begun: Case, name: str, day: datetime) -> tuple[Reach | Barred, ...]:
    of = begun.policy.step(name)
    assert of is not None
    return reach(begun, of, of.do, day)


def seen(answers: tuple[Reach | Barred, ...]) -> list[str]:
    """Return answers in words: `email 02-02 07:00 default.windows.email`, `sms: reason`."""
    return [
        f"{one.do} {one.at:%m-%d %H:%M} {one.rule}".strip()
        if isinstance(one, Reach)
        else f"{one.do}: {one.reason}"
        for one in answers
    ]
