"""The only place that chooses: what a case does now.

`next_move(case, now)` reads the facts and answers with one move. The rules stand in the order in
which they win: an ended case closes; a message of a plan or a promise goes out; a standing hold
waits; a step that a person did is noted; a step that is not due waits; a step the policy rules out
is noted with its reason; a step that needs a person's approval waits for it, unless the law refuses
it anyway; a contact that the law does not allow yet waits; else: act.
The durable workflow, the simulator and the property tests drive this same function.
"""

from datetime import date, datetime

from dunning.agenda import (
    attempts,
    awaits_word,
    done_by_person,
    is_begun,
    next_step,
    remaining,
    retry_of,
)
from dunning.calendar import local_day
from dunning.charges.balance import Balance
from dunning.charges.fees import needs_number
from dunning.conditions import level_reached, sent_as, too_little, unmet
from dunning.disputes import next_answer_due
from dunning.ending import RECALL, ending, put_off
from dunning.holds import next_end, standing
from dunning.messages import message_of, next_message
from dunning.moves import VERBS, Act, Book, Close, Move, Note, WaitUntil
from dunning.once import once
from dunning.permission import permission
from dunning.plans.dues import owed_at
from dunning.posting import charges_of
from dunning.reach import GATED, Barred, Reach, reaches
from dunning.reopening import needs_recall
from dunning.schedule import became_due, hour_of, moment, retry_day, spaced_day, step_day
from dunning.tally import tally
from schemas.case import Case
from schemas.charging import Charge
from schemas.effects import Planned
from schemas.steps import CHARGES, Step

_AT_LAW = frozenset({"plan", "promise"})
"""Holds under which the debtor still hears about what was agreed."""


def next_move(case: Case, now: datetime) -> Move:
    """Return what the case does now. Pure: the same case and moment give the same move."""
    move = choose(case, now)
    return Book() if isinstance(move, WaitUntil) and case.journal else move


def choose(case: Case, now: datetime) -> Move:
    """Return what the case does now, but for writing up its journal."""
    last = _chosen(case)  # asked again once the journal is written up, and to show the case
    if now not in last:
        last.clear()
        last[now] = _choose(case, now)
    return last[now]


@once("episode", "opened_at", "events", "records", "charges", "looked_on", "rejected")
def _chosen(case: Case) -> dict[datetime, Move]:  # noqa: ARG001 - filled as moments are asked for
    return {}


def _choose(case: Case, now: datetime) -> Move:
    owed = owed_at(case, now)
    if needs_recall(case):
        return put_off(case, RECALL, now) or _act(case, RECALL, RECALL.do, owed)
    if (end := ending(case, owed)) is not None:
        if isinstance(end, Close):
            return end
        return put_off(case, end, now) or _act(case, end, end.do, owed)
    return _go_on(case, owed, now)


def _go_on(case: Case, owed: Balance, now: datetime) -> Move:
    held = standing(case, now)
    may_speak = not held or {hold.reason for hold in held} <= _AT_LAW
    message = next_message(case, now) if may_speak else None
    spoken = _pursue(case, message, owed, now) if message is not None else None
    if spoken is not None and not isinstance(spoken, WaitUntil):
        return spoken
    chased = _held(case, now) if held else _chase(case, owed, now)
    if spoken is None or not isinstance(chased, WaitUntil):
        return chased
    return min(spoken, chased, key=lambda wait: wait.at.timestamp() if wait.at else float("inf"))


def _held(case: Case, now: datetime) -> WaitUntil:
    # a dispute that nobody answers in time needs a person, who is told by waking up
    ends = [at for at in (next_end(case, now), next_answer_due(case, now)) if at is not None]
    reason = f"on hold: {standing(case, now)[0].reason}"
    return WaitUntil(min(ends, default=None), reason=reason)


def _chase(case: Case, owed: Balance, now: datetime) -> Move:
    if (lost := awaits_word(case)) is not None:
        return WaitUntil(None, lost.step, reason="nobody knows yet whether it went out")
    step = next_step(case)
    if step is None:
        return WaitUntil(None, reason="every step is done")
    if (made := done_by_person(case, step)) is not None:
        reason = f"a person did it by {made.channel}"
        return Note(step, remaining(case, step), "done", reason, owed.due, made.at)
    return _pursue(case, step, owed, now)


def _pursue(case: Case, step: Step, owed: Balance, now: datetime) -> Move:
    if (later := _crowding(case, step)) is not None:
        reason = f"{later.id} comes first, so it is not repeated any more"
        return Note(step, step.do, "skipped", reason, owed.due)
    due = became_due(case, step)
    if now < due and not is_begun(case, step):
        return _wait(case, step, due)
    at = _due_at(case, step, now)
    if now < due:
        return _wait(case, step, max(at, due))
    if (ruled_out := _ruled_out(case, step, owed, now)) is not None:
        return ruled_out
    if (gate := permission(case, step, owed, now)) is not None:
        return gate
    return _wait(case, step, at) if at > now else _carry_out(case, step, owed, now)


def _wait(case: Case, step: Step, at: datetime) -> WaitUntil:
    """Wait for a step's moment, or at once for the later one the contact rules move it to."""
    if case.rules is None:
        return WaitUntil(at, step.id)
    open_ = [one for one in reaches(case, step, at) if isinstance(one, Reach)]
    first = min(open_, key=lambda one: one.at, default=None)
    return WaitUntil(first.at, step.id, rule=first.rule) if first else WaitUntil(at, step.id)


def _due_at(case: Case, step: Step, now: datetime) -> datetime:
    put_off, day = _put_off_until(case, step), _due_on(case, step)
    at = moment(case, day, now)
    if day < local_day(case, now) and at > now and _leaves_its_day(case, step, at):
        at = now  # else it would be put off from day to day, and never be done
    return at if put_off is None else max(put_off, at)


def _due_on(case: Case, step: Step) -> date:
    if step.on and _put_off_until(case, step) is None:
        for do in remaining(case, step):
            if (again := retry_of(case, step, do)) is not None:
                return retry_day(case, attempts(case, step, do), again)
    return spaced_day(case, step)


def _leaves_its_day(case: Case, step: Step, at: datetime) -> bool:
    """Whether the contact rules move a step from that moment to another day."""
    first = min((one.at for one in reaches(case, step, at) if isinstance(one, Reach)), default=at)
    return local_day(case, first) > local_day(case, at)


def _put_off_until(case: Case, step: Step) -> datetime | None:
    if not tally(case).has_put_off:
        return None
    last = {record.do: record for record in case.records if record.step == step.id}
    left = [last[do] for do in remaining(case, step) if do in last]
    untils = [record.until for record in left if record.result == "deferred" and record.until]
    return min(untils, default=None)


def _ruled_out(case: Case, step: Step, owed: Balance, now: datetime) -> Note | Book | None:
    if case.policy.step(step.id) is None:  # agreed with the debtor, whatever the policy says
        return None
    left = remaining(case, step)
    reason = _not_wanted(case, step, owed) or _caught_up(case, step, owed, now)
    if reason is not None:
        return Note(step, left, "skipped", reason, owed.due)
    if left[0] in CHARGES and isinstance(stopped := _charges(case, step, now), str):
        if _may_be_filled(case, stopped, now):
            return Book()
        return Note(step, left[:1], "skipped", stopped, owed.due)
    return None


def _may_be_filled(case: Case, stopped: str, now: datetime) -> bool:
    """Whether a charge lacks a rate that the case has not asked for today: booking asks."""
    has_tables = case.rules is not None and bool(case.rules.rates)
    return has_tables and needs_number(case, stopped) and case.looked_on != local_day(case, now)


def _not_wanted(case: Case, step: Step, owed: Balance) -> str | None:
    if (reason := too_little(case, owed)) is not None:
        return reason
    missing = unmet(case, step, owed)
    if missing is None:
        return None
    falls_back = missing.is_sum and step.below == "fall_back"
    if falls_back and level_reached(case, step, owed) is not None:
        return None
    return missing.reason


def _caught_up(case: Case, step: Step, owed: Balance, now: datetime) -> str | None:
    is_patient = case.policy.catch_up == "send_late" and case.policy.advance == "sequential"
    if is_patient or not step.is_contact or is_begun(case, step):
        return None
    # a step that waits for its approval is not late: a person decides about it
    late = step.approval is None and local_day(case, now) > _own_day(case, step)
    if case.policy.catch_up == "skip" and late:
        return "its day had passed and the policy skips late steps"
    if case.policy.advance == "most_severe" or (case.policy.catch_up == "collapse" and late):
        later = _severer_due(case, step, owed, now)
        return f"superseded by {later.id}, which is due as well" if later else None
    return None


def _own_day(case: Case, step: Step) -> date:
    own = hour_of(case, spaced_day(case, step))
    return local_day(case, _wait(case, step, own).at or own)


def _due_now(case: Case, step: Step, now: datetime) -> bool:
    return step.at.base != "previous" and moment(case, step_day(case, step), now) <= now


def _crowding(case: Case, step: Step) -> Step | None:
    """Return the step of its own that falls before the next repetition of this one."""
    if "~" not in step.id or is_begun(case, step):
        return None
    day = spaced_day(case, step)
    others = (one for one in case.policy.after(step) if "~" not in one.id)
    dated = (one for one in others if one.at.base != "previous")
    return next((one for one in dated if step_day(case, one) <= day), None)


def _severer_due(case: Case, step: Step, owed: Balance, now: datetime) -> Step | None:
    due = [
        later
        for later in case.policy.after(step)
        if later.is_contact and _due_now(case, later, now) and unmet(case, later, owed) is None
    ]
    return due[-1] if due else None


def _carry_out(case: Case, step: Step, owed: Balance, now: datetime) -> Move:
    left = remaining(case, step)
    if left[0] not in GATED:
        return _act(case, step, left[:1], owed, now)
    answers = reaches(case, step, now)
    for one in answers:
        if isinstance(one, Barred):
            return Note(step, (one.do,), "refused", one.reason, owed.due)
    ready = tuple(one.do for one in answers if isinstance(one, Reach) and one.at <= now)
    return _act(case, step, ready, owed, now) if ready else _wait(case, step, now)


def _act(
    case: Case, step: Step, dos: tuple[str, ...], owed: Balance, now: datetime | None = None
) -> Act:
    verb = VERBS[dos[0]]
    planned = tuple(
        Planned(do=do, key=effect_key(case, step, do)) for do in dos if VERBS[do] == verb
    )
    charges = _charges(case, step, now) if verb == "charge" and now is not None else ()
    message = message_of(case, step)
    asked = owed.due if message is None else min(message.minor, owed.due)
    shape, lowered = _as_level(case, step, owed)
    return Act(verb, shape, planned, asked, _lines(charges), lowered)


def _as_level(case: Case, step: Step, owed: Balance) -> tuple[Step, str | None]:
    group = case.policy.experiment.group(case.customer.id) if case.policy.experiment else ""
    if (variant := step.variants.get(group)) is not None:
        step = step.model_copy(update=variant.model_dump(exclude_none=True))
    if step.below != "fall_back" or (missing := unmet(case, step, owed)) is None:
        return step, None
    lower = level_reached(case, step, owed)
    if lower is None:
        return step, None
    return sent_as(step, lower), f"sent as {lower.id}: {missing.reason}"


def _charges(case: Case, step: Step, now: datetime) -> tuple[Charge, ...] | str:
    do = next(do for do in step.do if do in CHARGES)
    return charges_of(case, step, do, effect_key(case, step, do), now)


def _lines(charges: tuple[Charge, ...] | str) -> tuple[Charge, ...]:
    return () if isinstance(charges, str) else charges


def effect_key(case: Case, step: Step, do: str) -> str:
    """Return the business identity of an effect: case, step, channel, and which attempt."""
    number = len(attempts(case, step, do)) + 1
    return f"{case.key}:{step.id}:{do}" + (f"#{number}" if number > 1 else "")
