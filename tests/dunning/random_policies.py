"""Random policies that use every kind of step and most of what a policy can say."""

import random
from typing import Any

from schemas.policy import Policy

Document = dict[str, Any]

CHANNELS = ("email", "sms", "letter", "call")
TEMPLATES = ("reminder", "reminder", "default-notice", "final-notice")
FALLS = ("due+1d", "due+5 business days", "due+8d", "due+2w", "due+21d", "eom(due+1m)", "due-3d")
FOLLOWS = ("previous+0d", "previous+1d", "previous+4d", "previous+1w", "previous+14d")


def maybe(rng: random.Random, chance: float, **said: object) -> Document:
    """Return what is said, or nothing."""
    return said if rng.random() < chance else {}


def a_policy(rng: random.Random) -> Policy:
    """Return a policy that reads, of steps of every kind."""
    choose, steps = rng.choice, list[Document]()
    for number in range(rng.randint(2, 6)):
        steps.append(_step(rng, f"s{number}", steps))
    if rng.random() < 0.5:
        end = {
            "id": "end",
            "at": choose(FOLLOWS),
            "do": choose(["handoff", "handoff", "write_off"]),
        }
        steps.append(end | maybe(rng, 0.5, approval=_approval(rng)))
    return Policy.model_validate(
        {
            "id": "random",
            "steps": steps,
            "minimum_open": {"*": "5.00"},
            "advance": choose(["sequential", "sequential", "most_severe"]),
            "catch_up": choose(["send_late", "skip", "collapse"]),
            "min_gap": choose(["0d", "3d", "6d"]),
            "send_at": choose(["09:00", "00:00", "23:30"]),
            "experiment": {"id": "tone", "groups": {"a": 1, "b": 1}},
            **maybe(rng, 0.15, approval=_approval(rng)),
            **maybe(rng, 0.3, tolerance={"*": "2.00"}),
            **maybe(rng, 0.3, allocation="pic"),
            **maybe(rng, 0.3, restore=False),
            **maybe(rng, 0.3, plan={"accelerate": False, "interest": "accrues"}),
            **maybe(rng, 0.3, promise={"at_most": 1, "remind_days_before": 2}),
        }
    )


def _approval(rng: random.Random) -> Document:
    return {"within": "7d", "else": rng.choice(["hold", "approve", "approve", "refuse"])}


def _step(rng: random.Random, name: str, before: list[Document]) -> Document:
    kind = rng.choice([_message, _message, _message, _other, _other])
    falls = FALLS + FOLLOWS if before else FALLS
    step: Document = {"id": name, "at": rng.choice(falls), **kind(rng)}
    step |= maybe(rng, 0.1, approval=_approval(rng)) if "approval" not in step else {}
    return step | maybe(rng, 0.3, when=_condition(rng, [one["id"] for one in before]))


def _message(rng: random.Random) -> Document:
    dos = rng.sample(CHANNELS, rng.choice([1, 1, 1, 2]))
    retry = {"retry": 2, "every": rng.choice(["1d", ["2d", "5d"]])}
    return {
        "do": dos,
        "template": rng.choice(TEMPLATES),
        "script": "payment-call",
        "tone": "firm",
        "on": {"no_answer": retry, "wrong_number": "attention"},
        **maybe(rng, 0.4, instead=rng.sample(CHANNELS, 2)),
        **maybe(rng, 0.2, repeat={"every": "6d", "at_most": 3}),
        **maybe(rng, 0.2, variants={"a": {"tone": "formal"}, "b": {"template": "reminder"}}),
        **maybe(rng, 0.3, below="fall_back", when={"open_at_least": {"*": "700.00"}}),
    }


def _other(rng: random.Random) -> Document:
    do = rng.choice(["fee", "fee", "interest", "suspend", "restore", "retry_payment", "review"])
    if do == "review":
        return {"do": do, "approval": _approval(rng)}
    if do == "retry_payment":
        return {"do": do, "on": {"soft_decline": {"retry": 3, "every": ["1d", "3d", "5d"]}}}
    if do == "interest":
        rate = rng.choice(["12", "1.5% per month", "statutory"])
        return {"do": do, "charge": {"interest": {"rate": rate}, "ground": "contract"}}
    return {"do": do} | ({"charge": _fee(rng)} if do == "fee" else {})


def _fee(rng: random.Random) -> Document:
    made: Document = rng.choice(
        [
            {"flat": {"EUR": "40.00", "USD": "30.00"}, "cap": "10% of principal"},
            {"percent": "2.5", "min": {"*": "5.00"}, "max": {"*": "20.00"}},
            {"percent": "1", "of": "overdue_principal", "posting": "on_payment"},
            {"flat": {"*": "3.00"}, "posting": "notice_only"},
            {"statutory": "lump_sum", "once_per": "invoice"},
            {"statutory": "collection_costs"},
        ]
    )
    return made if "statutory" in made else made | {"ground": "contract"}


def _condition(rng: random.Random, before: list[str]) -> Document:
    asked: list[Document] = [
        {"open_at_least": {"*": "300.00"}},
        {"overdue_at_least": "20d"},
        {"level_at_least": 1},
        {"any": [{"segments": ["habitual-late"]}, {"share_at_least": "20%"}]},
        {"broken_promises_at_least": 1},
        {"no_response": rng.random() < 0.5},
        {"all": [{"open_at_least": {"*": "50.00"}}], "none": [{"level_at_least": 9}]},
    ]
    if before:
        earlier = rng.choice(before)
        asked += [{"none": [{"approved": earlier}]}, {"outcomes": {earlier: ["done"]}}]
    return rng.choice(asked)
