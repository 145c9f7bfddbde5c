"""Lints of consequences: a person decides where it hurts, and debtors are told before it does."""

from collections.abc import Iterator
from typing import Final

from dunning.lints.findings import Finding, warning
from dunning.lints.planned import turns
from schemas.policy import Policy
from schemas.steps import CHARGES, Step

_GRAVE: Final = {"handoff": "a hand-off", "write_off": "a write-off"}


def consequences(policy: Policy) -> Iterator[Finding]:
    """Warn of grave decisions that no person takes, and of charges and suspensions unannounced."""
    consumers = "consumer" in (policy.for_.debtors or ("consumer",))
    told: set[str] = set()
    for turn, step in turns(policy):
        yield from _decided_alone(turn, step)
        if CHARGES & set(turn.do) and consumers and not told:
            yield warning(step.id, "at", "charges before any message; the first reminder is free")
        if "suspend" in turn.do and "suspension_warning" not in told:
            yield warning(step.id, "at", "suspends without a suspension-warning before it")
        if turn.is_contact:
            told.add(turn.message_type)


def _decided_alone(turn: Step, step: Step) -> Iterator[Finding]:
    for what in (_GRAVE[do] for do in turn.do if do in _GRAVE):
        if turn.approval is None and turn.when.approved is None:
            yield warning(step.id, "approval", f"{what} without a person's word; state approval")
        elif turn.approval is not None and turn.approval.otherwise == "approve":
            words = f"{what} is done when nobody answers; write else: hold or refuse"
            yield warning(step.id, "approval", words)
