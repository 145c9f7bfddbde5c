"""Reference rates: the shipped tables, and what follows from them for each place."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from dunning.charges.rates import Missing, MissingRateError, Rates, percent_on
from library import charge_packs, rates
from library.documents import DocumentRefusedError
from schemas.customer import CustomerFacts, DebtorKind
from schemas.interest import Fixed, Reference
from schemas.rates import RateTable
from schemas.rulebook import Rulebook
from tests.charges.build import ALL_RATES, policy

DECEMBER_2026 = date(2026, 12, 31)


def statutory(place: str, debtor: DebtorKind, day: date) -> Decimal:
    law = charge_packs.shipped()[place].law(debtor)
    assert law is not None
    assert law.interest is not None
    return Rates(law.interest.rate, day, ALL_RATES).on(day)


# half-year, ECB, DE base, NL, NL consumer, FR, FR legal, BE, UK; `?` has not been confirmed
HALF_YEARS = """
    2022-01-01   0.00  -0.88   8.00      2  10.00   0.76    8.0   8.25
    2022-07-01   0.00  -0.88   8.00      2  10.00   0.77    8.0   9.25
    2023-01-01   2.50   1.62  10.50      4  12.50   2.06   10.5  11.50
    2023-07-01   4.00   3.12  12.00      6  14.00   4.22   12.0  13.00
    2024-01-01   4.50   3.62  12.50      7  14.50   5.07   12.5  13.25
    2024-07-01   4.25   3.37  12.25      7  14.25   4.92   12.5  13.25
    2025-01-01   3.15   2.27  11.15      6  13.15   3.71   11.5  12.75
    2025-07-01   2.15   1.27  10.15      6  12.15   2.76   10.5  12.25
    2026-01-01   2.15   1.27  10.15      4  12.15   2.62   10.5  11.75
    2026-07-01   2.40   1.52  10.40      4  12.40      ?   10.5  11.75
"""
ROWS = [
    pytest.param(tuple(line.split()), id="E12" if "2026-07" in line else line.split()[0])
    for line in HALF_YEARS.strip().splitlines()
]


@pytest.mark.parametrize("row", ROWS)
def test_the_rates_of_each_place_follow_from_the_shipped_tables(row: tuple[str, ...]) -> None:
    first, mro, de, nl, nl_consumer, fr, fr_consumer, be, uk = row
    day = date.fromisoformat(first)
    table = {one.id: one.percent_on(day) for one in ALL_RATES}
    assert (table["ecb_mro"], table["de_base"]) == (Decimal(mro), Decimal(de))
    assert Decimal(de) == Decimal(mro) - Decimal("0.88")
    assert statutory("de", "business", day) == Decimal(de) + 9
    assert statutory("de", "consumer", day) == Decimal(de) + 5
    assert statutory("nl", "business", day) == Decimal(nl) == Decimal(mro) + 8
    assert statutory("nl", "consumer", day) == Decimal(nl_consumer)
    assert statutory("fr", "business", day) == Decimal(fr) == Decimal(mro) + 10
    assert table["fr_legal_other"] == (Decimal(fr_consumer) if fr_consumer != "?" else None)
    assert statutory("be", "business", day) == Decimal(be)
    assert statutory("uk", "business", day) == Decimal(uk)


@pytest.mark.parametrize("table", ALL_RATES, ids=lambda table: table.id)
def test_a_table_has_no_half_year_left_out_and_none_that_has_not_come(table: RateTable) -> None:
    days = [rate.on for rate in table.rates]
    months = [day.year * 12 + day.month for day in days]
    assert months == list(range(months[0], months[0] + 6 * len(months), 6)) if months else True
    assert all(day <= DECEMBER_2026 for day in days)
    assert table.percent_on(date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        ("2025-06-30", "2.27"),
        ("2025-07-01", "1.27"),
        ("2025-12-31", "1.27"),
        ("2026-01-01", "1.27"),
    ],
)
def test_a_rate_serves_its_half_year_to_the_last_day(day: str, percent: str) -> None:
    base = next(one for one in ALL_RATES if one.id == "de_base")
    assert base.percent_on(date.fromisoformat(day)) == Decimal(percent)


def test_a_rate_that_is_not_known_names_its_table_and_never_carries_the_old_one_on() -> None:
    with pytest.raises(MissingRateError) as caught:
        statutory("de", "business", date(2027, 3, 1))
    assert caught.value.missing == Missing("de_base", date(2027, 3, 1))
    assert str(caught.value) == (
        "the rate table de_base has no rate for the half-year from 2027-01-01; "
        "add it to jurisdictions/rates/de_base.yaml"
    )


def table_of(*percents: str) -> RateTable:
    rows = [{"on": f"202{n}-01-01", "percent": one} for n, one in enumerate(percents)]
    return RateTable.model_validate(
        {"id": "ref", "name": "a rate", "source": "a gazette", "rates": rows}
    )


@pytest.mark.parametrize(
    ("base", "add", "up_to", "percent"),
    [
        ("2.40", "8", "0.5", "10.5"),
        ("2.50", "8", "0.5", "10.5"),
        ("2.51", "8", "0.5", "11.0"),
        ("-0.88", "5", None, "4.12"),
        ("-0.88", "0.5", None, "0"),
        ("-0.88", "0", "0.5", "0"),
    ],
)
def test_points_are_added_rounded_up_and_never_below_zero(
    base: str, add: str, up_to: str | None, percent: str
) -> None:
    rate = Reference.model_validate({"table": "ref", "add": add, "round_up_to": up_to})
    assert percent_on(rate, date(2020, 2, 1), [table_of(base)]) == Decimal(percent)


def test_a_fixed_reference_keeps_the_rate_of_the_first_day_and_a_floating_one_does_not() -> None:
    table, first, later = table_of("1", "2"), date(2020, 3, 1), date(2021, 3, 1)
    fixed = Rates(Reference(table="ref", fixing="first_day"), first, [table])
    floating = Rates(Reference(table="ref"), first, [table])
    assert (fixed.on(later), fixed.floats) == (Decimal(1), False)
    assert (floating.on(later), floating.floats) == (Decimal(2), True)


def test_the_highest_floor_holds_below_every_ceiling() -> None:
    first = date(2020, 1, 1)
    triple = Reference.model_validate({"table": "ref", "times": "3"})
    floors = (Fixed(percent=Decimal(5)), triple)
    assert Rates(Fixed(percent=Decimal(4)), first, [table_of("2")], (), floors).on(first) == 6
    assert Rates(Fixed(percent=Decimal(7)), first, [table_of("2")], (), floors).on(first) == 7
    capped = (Fixed(percent=Decimal("5.5")),)
    assert Rates(Fixed(percent=Decimal(4)), first, [table_of("2")], capped, floors).on(
        first
    ) == Decimal("5.5")
    assert Rates(Fixed(percent=Decimal(4)), first, [table_of("2")], (), floors).floats


def test_the_lowest_ceiling_holds() -> None:
    ceilings = (Fixed(percent=Decimal(18)), Reference(table="ref", add=Decimal(8)))
    rates_ = Rates(
        Fixed(percent=Decimal(2), per="month"), date(2020, 1, 1), [table_of("1")], ceilings
    )
    assert rates_.on(date(2020, 2, 1)) == 9


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"on": "2025-02-01", "percent": "1"}], "a half-year begins on 1 January or 1 July"),
        (
            [{"on": "2025-07-01", "percent": "1"}, {"on": "2025-01-01", "percent": "1"}],
            "2025-01-01 must come after 2025-07-01",
        ),
        ([{"on": "2025-01-01", "percent": "1"}] * 2, "each half-year once"),
        ([{"on": "2025-01-01", "percent": "NaN"}], "not a plain decimal number"),
    ],
)
def test_a_faulty_table_is_refused_with_what_would_be_right(rows: list[object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        RateTable.model_validate({"id": "x", "name": "x", "source": "x", "rates": rows})


def test_every_fault_of_a_folder_is_told_with_its_file(tmp_path: Path) -> None:
    good = "schema: reference-rates/1\nid: {}\nname: x\nsource: x\nrates: []\n"
    (tmp_path / "a.yaml").write_text(good.format("b"), encoding="utf-8")
    (tmp_path / "c.yaml").write_text(good.format("c") + "rate: 1\n", encoding="utf-8")
    with pytest.raises(DocumentRefusedError) as caught:
        rates.load_tables(tmp_path)
    told = "\n".join(caught.value.faults)
    assert "a.yaml: id: 'b' is not the file's name; write a" in told
    assert "c.yaml, line 6" in told


@pytest.mark.parametrize(
    ("country", "kind", "pack"),
    [
        ("DE", "business", "de"),
        ("GB", "consumer", "uk"),
        ("US", "consumer", "us"),
        ("US", "public_body", "us-b2b"),
        ("JP", "business", "default"),
        (None, "business", "default"),
    ],
)
def test_a_debtor_has_the_pack_of_his_place(
    country: str | None, kind: DebtorKind, pack: str
) -> None:
    customer = CustomerFacts(id="C", kind=kind, country=country)
    assert charge_packs.pack_for(customer).id == pack
    assert charge_packs.pack_for(customer, ["fr"]).id == "fr"
    assert charge_packs.pack_for(customer, ["us-nyc", "us"]).id == "us"
    assert charge_packs.pack_for(customer, ["us-nyc"]).id == "default"


def test_a_case_carries_its_own_law_and_the_rates_from_its_due_date_on() -> None:
    customer = CustomerFacts(id="C", kind="business", country="DE")
    charge = {"interest": {"rate": {"table": "ecb_mro"}}, "ground": "terms, clause 9"}
    step = {"id": "i", "at": "due+9d", "do": ["interest"], "charge": charge}
    chosen = policy(steps=[step])
    book = charge_packs.with_charges(Rulebook(), customer, chosen, date(2026, 3, 1))
    assert (
        charge_packs.with_charges(Rulebook(), customer, chosen, date(2026, 3, 1), []) == Rulebook()
    )
    assert book.charges is not None
    assert [law.debtors[0] for law in book.charges.laws] == ["business"]
    assert [(one.id, one.rates[0].on.year) for one in book.rates] == [
        ("de_base", 2026),
        ("ecb_mro", 2026),
    ]


def test_every_pack_names_tables_that_exist_and_says_where_its_rules_come_from() -> None:
    tables = rates.shipped()
    for pack in charge_packs.shipped().values():
        for law in pack.laws:
            for source in (law.interest, law.max_rate):
                if source is not None and isinstance(source.rate, Reference):
                    assert source.rate.table in tables, pack.id
