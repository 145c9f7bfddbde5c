"""Scenarios under shipped policies, and the places whose law is pinned in their cases."""

from pathlib import Path
from typing import Any

from schemas.case import Case
from starter.scenarios import case_of, load_scenario
from tests.starter_policies.test_scenarios import CASE, invoiced, rows, shown, written


def placed(folder: Path, **changes: object) -> Case:
    document = CASE | {"customer": CASE["customer"] | {"country": "DE"}} | changes
    return case_of(load_scenario(written(folder, document)))


def test_a_scenario_is_judged_by_the_places_it_names_or_by_the_customers_own(
    tmp_path: Path,
) -> None:
    assert placed(tmp_path).rules is None
    for named, packs, charges in ((None, ["de"], "de"), (["fr"], ["fr"], "fr")):
        rules = placed(tmp_path, jurisdictions=named).rules
        assert rules is not None
        assert [pack.id for pack in rules.packs] == packs
        assert rules.charges is not None
        assert rules.charges.id.startswith(charges)


def test_a_business_in_the_union_is_asked_for_what_the_directive_grants(tmp_path: Path) -> None:
    """EUR 40, and act/365 at 10.27 % (1.27 + 9): 3.94 for 14 days, 4.50 for 16, 3.94 for 14."""
    customer = CASE["customer"] | {"country": "DE"}
    changes = {"policy": "strict-b2b-eu", "jurisdictions": None, "customer": customer}
    printed = shown(tmp_path, **changes)
    assert [(one["on"], one["kind"], one["amount"]) for one in printed["charges"]] == [
        ("2026-02-01", "statutory", "40.00"),
        ("2026-02-14", "interest", "3.94"),
        ("2026-03-02", "interest", "4.50"),
        ("2026-03-16", "interest", "3.94"),
    ]


def test_a_declined_card_is_tried_again_and_a_hard_decline_asks_for_another(
    tmp_path: Path,
) -> None:
    def declined(number: int, code: str, at: str) -> dict[str, Any]:
        effect = "scenario:INV-1:1:retry:retry_payment" + (f"#{number}" if number > 1 else "")
        names = {"type": "contact_outcome", "id": f"d{number}", "effect": effect}
        return names | {"at": f"2026-02-{at}T10:00:05+01:00", "result": code}

    case = invoiced(kind="subscription") | {"policy": "subscription-card"}
    events = [declined(1, "insufficient_funds", "01"), declined(2, "lost_card", "02")]
    days = [row[:2] for row in rows(shown(tmp_path, **case, events=events, opened_at=None))]
    assert [(at[:10], step) for at, step in days][:5] == [
        ("2026-01-31", "payment-failed"),
        ("2026-02-01", "retry"),
        ("2026-02-02", "retry"),
        ("2026-02-03", "card-update"),
        ("2026-02-18", "suspension-warning"),
    ]
