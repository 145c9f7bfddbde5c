"""Showing what a policy says: every message of its steps, written to files. Nothing is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from dunning.moves import Act
from dunning.opening import new_case
from dunning.orders import order
from dunning.simulate import as_done, simulate
from schemas.base import Frozen
from schemas.case import Case
from schemas.charging import Charge
from schemas.customer import Channel
from schemas.effects import Receipt
from schemas.errors import InputRefusedError
from schemas.policy import Policy
from schemas.scenario import Scenario
from schemas.steps import CONTACTS, Step
from wording import letters, rendering
from wording.briefing import facts_of
from wording.facts import Facts
from wording.sample import FACTS, LETTERHEAD


class Preview(Frozen):
    """The files that a preview wrote, in the order of the steps."""

    files: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """A step of a case at the moment it happens, and what its messages are about."""

    step: Step
    facts: Facts


def preview(
    policy: Policy,
    folder: Path,
    scenario: Scenario | None = None,
    only: str | None = None,
    language: str | None = None,
) -> Preview:
    """Write every message of a policy's steps (`only`: of this one) under `folder`.

    The case is the scenario's, else an invented one that has everything. Raises InputRefusedError
    for a step or template that is not there, and for a step that the scenario never comes to.
    """
    said = _invented(policy) if scenario is None else _happening(policy, scenario)
    files = (
        file
        for one in _chosen(policy, tuple(said), only)
        for file in _write(folder / one.step.id, _in(language, one))
    )
    return Preview(files=tuple(map(str, files)))


def _invented(policy: Policy) -> Iterator[Said]:
    for step in policy.steps:
        yield Said(step, replace(FACTS, tone=step.tone))


def _happening(policy: Policy, scenario: Scenario) -> Iterator[Said]:
    case = new_case(
        scenario.creditor,
        scenario.invoice,
        scenario.customer.facts,
        policy,
        scenario.opened_at,
    )
    acts: list[tuple[Act, tuple[Charge, ...]]] = []
    posted: tuple[Charge, ...] = ()

    def watch(act: Act) -> Receipt:
        nonlocal posted
        acts.append((act, posted))
        posted += act.charges
        return as_done(act)

    ended, _ = simulate(case, scenario.events, scenario.until, watch)
    happened = {record.key: record.at for record in ended.records}
    for act, charges in acts:
        at = happened[act.planned[0].key]
        then, _ = simulate(case, scenario.events, at)
        yield Said(act.step, _facts(scenario, then, act, charges))


def _facts(scenario: Scenario, case: Case, act: Act, charges: tuple[Charge, ...]) -> Facts:
    at = next(one.at for one in case.records if one.key == act.planned[0].key)
    # what else was posted at the same instant came after the message
    asked = order(case, act, at).model_copy(update={"charges": charges})
    return facts_of(scenario.customer, scenario.invoice, asked, act.planned[0].key)


def _chosen(policy: Policy, said: tuple[Said, ...], only: str | None) -> Iterator[Said]:
    if only is not None and policy.step(only) is None:
        known = ", ".join(step.id for step in policy.steps)
        raise InputRefusedError(f"policy {policy.id} has no step {only!r}; it has {known}")
    told = [one for one in said if channels(one.step)]
    chosen = [one for one in told if only in {None, one.step.id}]
    if not chosen:
        reached = ", ".join(dict.fromkeys(one.step.id for one in told)) or "none"
        raise InputRefusedError(
            f"there is no message of {only or policy.id!r} to show; those that happen are {reached}"
        )
    yield from {one.step.id: one for one in chosen}.values()


def _in(language: str | None, said: Said) -> Said:
    return said if language is None else Said(said.step, replace(said.facts, language=language))


def channels(step: Step) -> tuple[Channel, ...]:
    """Return the channels a step may be said on, those it falls back to included."""
    every = dict.fromkeys((*step.do, *step.instead))
    return tuple(cast("Channel", do) for do in every if do in CONTACTS)


def _write(folder: Path, said: Said) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for channel in channels(said.step):
        template = said.step.script if channel == "call" else said.step.template
        try:
            files = _render(channel, template or "", said.facts)
        except InputRefusedError as error:
            raise InputRefusedError(f"step {said.step.id}: {error}") from error
        for name, body in files.items():
            (folder / name).write_bytes(body)
            yield folder / name


def _render(channel: Channel, template: str, facts: Facts) -> dict[str, bytes]:
    match channel:
        case "email":
            email = rendering.render_email(template, LETTERHEAD, facts)
            return {
                "subject.txt": f"{email.subject}\n".encode(),
                "email.txt": email.text.encode(),
                "email.html": email.html.encode(),
            }
        case "sms":
            sms = rendering.render_sms(template, LETTERHEAD, facts)
            return {"sms.txt": f"{sms.text}\n".encode()}
        case "call":
            return {"call.twiml": rendering.render_call(template, LETTERHEAD, facts).text.encode()}
        case "letter":
            return {"letter.pdf": letters.render_letter(template, LETTERHEAD, facts).pdf}
