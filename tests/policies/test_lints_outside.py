"""What a policy gets wrong beside what is outside it: templates, and the rules of places."""

from typing import Any

import pytest

from dunning.lints.policy import lint
from dunning.lints.words import TemplateFacts
from schemas.charging import ChargePack
from schemas.jurisdiction import Pack
from schemas.policy import Policy

TWO = ["email", "letter"]


def step(name: str, at: str, do: str | list[str] = "email", **rest: object) -> dict[str, Any]:
    return {"id": name, "at": at, "do": do, "template": "reminder"} | rest


def policy(*steps: dict[str, Any], **rest: object) -> Policy:
    return Policy.model_validate({"id": "p", "steps": list(steps), **rest})


def found(rules: Policy, **how: Any) -> list[str]:  # noqa: ANN401 - what `lint` takes
    return [f"{one.step} {one.field}: {one.words}" for one in lint(rules, **how)]


BOTH = frozenset({"en", "de"})
MAIL, TEXTS = frozenset({"email"}), frozenset({"email", "sms"})
TEMPLATES = {
    "reminder": TemplateFacts(TEXTS, ("friendly", "firm"), BOTH),
    "pre-due": TemplateFacts(MAIL, ("friendly",), BOTH, pays=False),
    "payment-call": TemplateFacts(frozenset({"call"}), (), frozenset({"en"})),
}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"template": "nope"},
            "template: there is no 'nope' for email; there are pre-due, reminder",
        ),
        ({"do": "letter"}, "template: there is no 'reminder' for letter; there are none"),
        ({"instead": "letter"}, "template: there is no 'reminder' for letter; there are none"),
        (
            {"do": "call", "script": "reminder"},
            "script: there is no 'reminder' for call; there are payment-call",
        ),
        ({"tone": "rude"}, "tone: 'reminder' has no 'rude'; it has friendly, firm"),
        ({"do": "call", "script": "payment-call"}, "script: 'payment-call' has no words in de"),
        (
            {"template": "pre-due"},
            "template: the first message, 'pre-due', does not say how to pay",
        ),
    ],
)
def test_a_message_that_was_never_written_is_named(changes: dict[str, Any], says: str) -> None:
    rules = policy(step("a", "due+1d") | changes)
    assert found(rules, templates=TEMPLATES, languages=BOTH) == [f"a {says}"]


def test_a_message_of_one_group_of_an_experiment_is_looked_up_as_well() -> None:
    one = step("a", "due+1d", variants={"x": {"tone": "rude"}})
    rules = policy(one, experiment={"id": "e", "groups": {"x": 1, "y": 1}})
    says = ["a tone: 'reminder' has no 'rude'; it has friendly, firm"]
    assert found(rules, templates=TEMPLATES, languages=BOTH) == says


def pack(basis: str = "law", **rules: list[dict[str, Any]]) -> Pack:
    based = {name: [rule | {"basis": basis} for rule in some] for name, some in rules.items()}
    return Pack.model_validate({"id": "there", "version": "1", "adds_to": "default"} | based)


CAP = {"channels": ["sms", "email", "letter", "call_auto"], "n": 3, "days": 7, "scope": "debtor"}
THREE_IN_SEVEN = pack(caps=[{"id": "nyc-3in7", **CAP}])


@pytest.mark.parametrize(
    ("steps", "passes"),
    [
        ([step(f"s{n}", f"due+{n}d") for n in range(1, 4)], []),
        ([step(f"s{n}", f"due+{n}d") for n in range(1, 5)], ["s4"]),
        ([step(f"s{n}", f"due+{2 * n}d") for n in range(1, 9)], ["s4"]),
        ([step(f"s{n}", f"due+{3 * n}d") for n in range(1, 9)], []),
        ([step("s1", "due+1d", TWO), step("s2", "due+7d", TWO)], ["s2"]),
        ([step("s1", "due+1d", TWO), step("s2", "due+8d", TWO)], []),
        ([step("s1", "due+1d", repeat={"every": "2d", "at_most": 4})], ["s1"]),
    ],
)
def test_contacts_are_counted_over_consecutive_days(
    steps: list[dict[str, Any]], passes: list[str]
) -> None:
    channels = "sms, email, letter, call_auto"
    says = f"at: is one contact more than 3 in 7 days by {channels} (rule nyc-3in7)"
    told = found(policy(*steps), packs=[THREE_IN_SEVEN])
    assert told == [f"{one} {says}" for one in passes]


def test_a_cap_counts_what_it_is_meant_for() -> None:
    daily = policy(*(step(f"s{n}", f"due+{n}d") for n in range(1, 9)))
    calls = policy(*(step(f"s{n}", f"due+{n}d", "call", script="c") for n in range(1, 9)))
    assert found(calls, packs=[THREE_IN_SEVEN])
    for change in (
        {"exempt": ["reminder"]},
        {"channels": ["call"]},
        {"count": "conversation"},
        {"when": {"place": "elsewhere"}},
    ):
        assert not found(daily, packs=[pack(caps=[{"id": "other", **CAP, **change}])])


GATE = {"id": "final", "before": "final_notice", "need": "default_notice", "min_days": 7}


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (
            [step("final", "due+30d", template="final-notice")],
            "final at: needs a default_notice before it (rule final)",
        ),
        (
            [
                step("default", "due+24d", template="default-notice"),
                step("final", "due+30d", template="final-notice"),
            ],
            "final at: comes 6 days after the default_notice, at least 7 are needed (rule final)",
        ),
        (
            [
                step("default", "due+23d", template="default-notice"),
                step("final", "due+30d", template="final-notice"),
            ],
            None,
        ),
        ([step("only", "due+30d")], None),
    ],
)
def test_a_message_comes_after_what_a_place_asks_for_first(
    steps: list[dict[str, Any]], says: str | None
) -> None:
    told = found(policy(*steps), packs=[pack(gates=[GATE])])
    assert told == ([says] if says else [])


def test_a_gate_for_other_debtors_is_no_matter() -> None:
    rules = policy(
        step("a", "due+1d", template="final-notice"), **{"for": {"debtors": ["business"]}}
    )
    assert not found(rules, packs=[pack(gates=[GATE | {"debtor": ["consumer"]}])])
    assert found(rules, packs=[pack(gates=[GATE | {"debtor": ["consumer", "business"]}])])


def test_a_hand_off_waits_as_long_as_the_strictest_place_asks() -> None:
    final = step("final", "due+30d", template="final-notice")
    off = {"id": "off", "at": "previous+14d", "do": "handoff", "approval": {"within": "7d"}}
    gate = {"id": "there-off", "before": "handoff", "need": "final_notice"}
    rules = policy(final, off)
    assert not found(rules, packs=[pack(gates=[gate | {"min_days": 14}])])
    assert found(rules, packs=[pack(gates=[gate | {"min_days": 30}])]) == [
        "off at: comes 14 days after the final_notice, at least 30 are needed (rule there-off)"
    ]


def test_what_only_a_convention_asks_for_is_a_warning() -> None:
    rules = policy(step("a", "due+1d", template="final-notice"))
    for basis, is_fault in (("convention", False), ("law", True), ("regulator", True)):
        (one,) = lint(rules, packs=[pack(basis, gates=[GATE])])
        assert one.is_fault is is_fault


CONVENTION = {"basis": "convention", "cite": "a house rule"}
LAW = {
    "debtors": ["consumer", "sole_trader"],
    "max_rate": {"rate": "18", **CONVENTION},
    "total_cap": "25",
    "denies": {"lump_sum": {"basis": "law", "cite": "its code, art. 1"}},
}
THERE = ChargePack.model_validate({"id": "there", "version": "1", "country": "US", "laws": [LAW]})


@pytest.mark.parametrize(
    ("charge", "says"),
    [
        ({"statutory": "lump_sum"}, "there: no "),
        ({"interest": {"rate": "19"}, "ground": "c"}, "there: the rate is above 18 percent a year"),
        ({"interest": {"rate": "2% per month"}, "ground": "c"}, "there: the rate is above 18"),
        ({"interest": {"rate": "1.5% per month"}, "ground": "c"}, None),
        ({"interest": {"rate": {"table": "ecb", "add": "90"}}, "ground": "c"}, None),
        (
            {"flat": {"USD": "5"}, "ground": "c", "cap": "30% of principal"},
            "there: all charges together may be 25% of principal at most",
        ),
        ({"flat": {"USD": "5"}, "ground": "c", "cap": "25% of principal"}, None),
    ],
)
def test_a_charge_that_a_place_does_not_grant_is_questioned(
    charge: dict[str, Any], says: str | None
) -> None:
    do = "interest" if "interest" in charge else "fee"
    asks = {"id": "ask", "at": "due+9d", "do": do, "charge": charge}
    rules = policy(step("a", "due+1d"), asks)
    told = found(rules, charge_packs=[THERE])
    assert len(told) == (says is not None)
    assert all(one.startswith(f"ask charge: {says}") for one in told)
    business = policy(step("a", "due+1d"), asks, **{"for": {"debtors": ["business"]}})
    assert not found(business, charge_packs=[THERE])


def ceiling(**scale: object) -> ChargePack:
    rule = {"currency": "EUR", "basis": "case", "cite": "a court", **scale}
    law = {"debtors": ["consumer"], "fee_ceiling": rule}
    return ChargePack.model_validate(
        {"id": "there", "version": "1", "country": "DE", "laws": [law]}
    )


ONE = ceiling(bands=[{"fixed": "1.00"}])
RISING = ceiling(bands=[{"upto": "150", "fixed": "20"}, {"upto": "500", "percent": "10"},
                        {"fixed": "30"}])  # fmt: skip
GROWING = ceiling(bands=[{"upto": "150", "fixed": "20"}, {"fixed": "20", "percent": "5"}])
BOUNDED = ceiling(bands=[{"fixed": "20", "percent": "5"}], max="200")


@pytest.mark.parametrize(
    ("charge", "law", "asked", "most"),
    [
        ({"flat": {"EUR": "1.00"}}, ONE, None, ""),
        ({"flat": {"EUR": "1.01"}}, ONE, "1.01", "1.00"),
        ({"flat": {"*": "5"}}, ONE, "5.00", "1.00"),
        ({"flat": {"USD": "5"}}, ONE, None, ""),
        ({"percent": "5", "min": {"EUR": "2"}}, ONE, "2.00", "1.00"),
        ({"percent": "5"}, ONE, None, ""),
        ({"flat": {"EUR": "50"}}, RISING, None, ""),
        ({"flat": {"EUR": "50.01"}}, RISING, "50.01", "50.00"),
        ({"flat": {"EUR": "999"}}, GROWING, None, ""),
        ({"flat": {"EUR": "200.01"}}, BOUNDED, "200.01", "200.00"),
    ],
)
def test_a_fee_above_what_the_law_lets_any_debt_bear_is_questioned(
    charge: dict[str, Any], law: ChargePack, asked: str | None, most: str
) -> None:
    fee = {"id": "fee", "at": "due+9d", "do": "fee", "charge": charge | {"ground": "contract"}}
    rules = policy(step("a", "due+1d"), fee)
    words = f"fee charge: there: the fee of {asked} EUR is above {most}"
    says = f"{words}, the most a consumer may be asked for (a court)"
    assert found(rules, charge_packs=[law]) == ([says] if asked else [])
    business = policy(step("a", "due+1d"), fee, **{"for": {"debtors": ["business"]}})
    assert not found(business, charge_packs=[law])
