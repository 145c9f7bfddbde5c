"""Which policy a receivable gets: invoice > customer > segment rule > default, exclusion first."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dunning.resolution import Resolved, refuses, resolve
from schemas.assignment import Assignment
from schemas.customer import CustomerFacts
from schemas.invoice import Invoice
from schemas.policy import Policy

STEP = {"id": "a", "at": "due+1d", "do": "email", "template": "reminder"}
ALL: dict[str, Any] = {"kinds": []}


def policy(name: str, **selection: object) -> Policy:
    return Policy.model_validate({"id": name, "for": ALL | selection, "steps": [STEP]})


def invoice(name: str = "I-1", kind: str = "invoice") -> Invoice:
    money = {"amount": "10.00", "currency": "EUR"}
    days = {"issued_on": "2026-01-01", "due_on": "2026-01-31"}
    return Invoice.model_validate({"id": name, "kind": kind, "amount": money, **days})


def customer(**facts: object) -> CustomerFacts:
    return CustomerFacts.model_validate({"id": "C-1", "kind": "business"} | facts)


POLICIES = {name: policy(name) for name in ("own", "theirs", "group", "standard")}
FULL: dict[str, Any] = {
    "id": "acme",
    "default": "standard",
    "rules": [
        {"segments": ["habitual-late"], "policy": "group"},
        {"kinds": ["invoice"], "debtors": ["business"], "policy": "own"},
    ],
    "customers": {"C-1": "theirs"},
    "invoices": {"I-1": "own"},
}


def chosen(
    assignment: dict[str, Any], policies: dict[str, Policy] = POLICIES, **facts: object
) -> str:
    found = resolve(Assignment.model_validate(assignment), policies, invoice(), customer(**facts))
    return found.reason


@pytest.mark.parametrize(
    ("left_out", "says"),
    [
        ((), "policy own, because invoice I-1 has it"),
        (("invoices",), "policy theirs, because customer C-1 has it"),
        (
            ("invoices", "customers"),
            "policy group, because a rule gives it to segment habitual-late",
        ),
        (
            ("invoices", "customers", "rules"),
            "policy standard, because it is the creditor's default",
        ),
        (("invoices", "customers", "rules", "default"), "no policy; nothing is assigned to it"),
    ],
)
def test_the_nearest_assignment_wins(left_out: tuple[str, ...], says: str) -> None:
    rest = {key: part for key, part in FULL.items() if key not in left_out}
    assert chosen(rest, segment="habitual-late") == says


def test_the_first_rule_that_matches_wins_and_all_it_names_must_match() -> None:
    rules = {"id": "a", "rules": FULL["rules"]}
    assert chosen(rules) == "policy own, because a rule gives it to invoices, businesses"
    assert chosen(rules, kind="consumer") == "no policy; nothing is assigned to it"


def test_a_policy_that_is_not_for_it_is_passed_over_and_that_is_told() -> None:
    policies = POLICIES | {"own": policy("own", debtors=["consumer"])}
    assert chosen(FULL, policies, segment="habitual-late") == (
        "policy theirs, because customer C-1 has it; own is not for businesses"
    )
    alone = {"id": "a", "default": "own", "invoices": {"I-1": "own"}}
    assert chosen(alone, policies) == "no policy; own is not for businesses"


@pytest.mark.parametrize(
    "exclusion",
    [
        {"invoices": ["I-1"]},
        {"customers": ["C-1", "C-2"]},
        {"segments": ["vip"]},
        {"kinds": ["invoice", "fee"]},
        {"debtors": ["business"], "countries": ["DE"]},
    ],
)
def test_an_exclusion_beats_even_the_invoices_own_policy(exclusion: dict[str, Any]) -> None:
    excluded = FULL | {"exclude": [exclusion | {"reason": "it is in court"}]}
    says = chosen(excluded, segment="vip", country="DE")
    assert says == "no policy, because it is excluded: it is in court"


def test_an_exclusion_takes_all_that_it_names() -> None:
    both = FULL | {"exclude": [{"customers": ["C-1"], "kinds": ["fee"], "reason": "agreed"}]}
    assert chosen(both).startswith("policy own")


@pytest.mark.parametrize(
    ("selection", "facts", "kind", "says"),
    [
        ({"kinds": ["invoice"]}, {}, "subscription", "is not for subscriptions"),
        ({"segments": ["vip"]}, {}, "invoice", "is not for an unknown segment"),
        ({"segments": ["vip"]}, {"segment": "new"}, "invoice", "is not for segment new"),
        ({"segments": ["any"]}, {"segment": "new"}, "invoice", None),
        ({"debtors": ["business"]}, {"kind": "sole_trader"}, "invoice", "is not for sole traders"),
        ({"countries": ["DE"]}, {"country": "FR"}, "invoice", "is not for country FR"),
        ({"countries": ["DE"]}, {}, "invoice", "is not for an unknown country"),
        ({"countries": ["DE"]}, {"country": "DE"}, "fee", None),
    ],
)
def test_what_a_policy_is_for(
    selection: dict[str, Any], facts: dict[str, Any], kind: str, says: str | None
) -> None:
    assert refuses(policy("p", **selection).for_, invoice(kind=kind), customer(**facts)) == says


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            {"rules": [{"policy": "own"}]},
            "name at least one of countries, debtors, kinds, segments",
        ),
        ({"exclude": [{"reason": "why"}]}, "name at least one of countries, customers, debtors"),
        ({"exclude": [{"kinds": ["fee"]}]}, "reason"),
        ({"rules": [{"kinds": ["loan"], "policy": "own"}]}, "'invoice', 'subscription' or 'fee'"),
        ({"customers": {"a/b": "own"}}, "customers"),
        ({"schema": "policy-assignment/2"}, "policy-assignment/1"),
    ],
)
def test_a_faulty_assignment_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Assignment.model_validate(FULL | wrong)
    assert says in str(refused.value)


NAMES = st.sampled_from(["p1", "p2", "p3", "p4"])
KINDS = st.sampled_from(["invoice", "subscription", "fee"])
SEGMENTS = st.sampled_from(["new", "late", "vip"])
GROUPS = st.fixed_dictionaries(
    {}, optional={"kinds": st.lists(KINDS, min_size=1), "segments": st.lists(SEGMENTS, min_size=1)}
).filter(bool)
ASSIGNMENTS = st.fixed_dictionaries(
    {"id": st.just("any")},
    optional={
        "default": NAMES,
        "rules": st.lists(st.builds(lambda group, name: group | {"policy": name}, GROUPS, NAMES)),
        "customers": st.dictionaries(st.sampled_from(["C-1", "C-2"]), NAMES),
        "invoices": st.dictionaries(st.sampled_from(["I-1", "I-2"]), NAMES),
        "exclude": st.lists(GROUPS.map(lambda group: group | {"reason": "why"}), max_size=1),
    },
).map(Assignment.model_validate)
PICKED = st.builds(
    lambda kinds: {name: policy(name, kinds=some) for name, some in kinds.items()},
    st.fixed_dictionaries({name: st.lists(KINDS) for name in ("p1", "p2", "p3", "p4")}),
)


def matches(group: Any, one: Invoice, who: CustomerFacts) -> bool:  # noqa: ANN401 - either group
    return (not group.kinds or one.kind in group.kinds) and (
        not group.segments or who.segment in group.segments
    )


@given(ASSIGNMENTS, PICKED, KINDS, st.none() | SEGMENTS)
def test_precedence_holds_for_any_assignment(
    assignment: Assignment, policies: dict[str, Policy], kind: str, segment: str | None
) -> None:
    one, who = invoice(kind=kind), customer(segment=segment)
    found = resolve(assignment, policies, one, who)
    order = [
        assignment.invoices.get(one.id),
        assignment.customers.get(who.id),
        *(rule.policy for rule in assignment.rules if matches(rule, one, who)),
        assignment.default,
    ]
    fit = [name for name in order if name and refuses(policies[name].for_, one, who) is None]
    excluded = any(matches(group, one, who) for group in assignment.exclude)
    expected = None if excluded or not fit else policies[fit[0]]
    assert found.policy is expected
    assert found == Resolved(expected, found.reason)
    assert found.reason.startswith("no policy" if expected is None else f"policy {expected.id}, ")
