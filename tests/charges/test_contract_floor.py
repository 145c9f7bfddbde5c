"""Where the law lifts a contract's rate, or a number is not known."""

import pytest

from dunning.charges.interest import interest_lines
from dunning.charges.rates import Missing
from tests.charges.build import case, interest, moment, rule

STATUTORY = rule("statutory", ground="")


@pytest.mark.parametrize(
    ("agreed", "yearly"),
    [("5", "7.86"), ("7.86", "7.86"), ("9", "9")],  # three times 2.62
)
def test_a_french_contract_agrees_no_less_than_three_times_the_legal_rate(
    agreed: str, yearly: str
) -> None:
    begun = case("10000", due="2026-01-31", law="fr")
    assert interest(begun, rule(agreed), "2026-03-02") == interest(
        case("10000", due="2026-01-31"), rule(yearly), "2026-03-02"
    )


def test_the_floor_of_a_contract_does_not_bear_on_interest_by_statute() -> None:
    begun = case("10000", due="2026-05-31", law="fr")
    assert interest(begun, STATUTORY, "2026-07-15") == 150_82  # F1


def test_a_contracts_rate_stops_where_its_floor_is_not_known() -> None:
    begun = case("1000", due="2026-06-15", law="fr")
    found = interest_lines(begun, rule("5"), moment("2026-08-01"), "key")
    assert isinstance(found, Missing)
    assert "jurisdictions/rates/fr_legal_other.yaml" in found.reason
