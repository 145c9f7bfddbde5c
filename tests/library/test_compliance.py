"""The page of rules says what the packs say."""

from library.compliance import PAGE, page
from library.jurisdictions import shipped


def test_the_page_is_the_one_made_from_the_packs() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m library.compliance"


def test_every_rule_with_an_id_has_its_line() -> None:
    text = page()
    for pack in shipped().values():
        for rule in (*pack.caps, *pack.gaps, *pack.gates, *pack.duties):
            assert text.count(f"| `{rule.id}` |") == 1


def test_what_was_never_looked_up_is_told() -> None:
    lines = page().splitlines()
    (regulation_f,) = [line for line in lines if line.startswith("| `us-7in7` |")]
    (city,) = [line for line in lines if line.startswith("| `nyc-3in7` |")]
    (house,) = [line for line in lines if line.startswith("| `d-day` |")]
    assert regulation_f.endswith("| regulator | 12 CFR 1006.14(b)(2)(i)(A) | **no** |")
    assert city.endswith("| 2026-11-21 |")
    assert house.endswith("| convention | - | - |")


def test_charges_and_rates_have_their_lines() -> None:
    lines = page().splitlines()
    assert any(line.startswith("| `de.lump_sum` |") and "BGB 288(5)" in line for line in lines)
    assert any(line.startswith("| `de.denies.lump_sum` |") for line in lines)
    assert any(line.startswith("| `de_base` | German base rate") for line in lines)


def test_each_rule_is_told_once() -> None:
    rows = [line.split("|")[1:3] for line in page().splitlines() if line.startswith("| `")]
    told = [(rule.strip(), what.strip()) for rule, what in rows]
    assert sorted(told) == sorted(set(told))


def test_what_must_come_before_a_charge_is_told_beside_the_charge_alone() -> None:
    contact, charges = page().split("## Charges")
    assert "needs mise_en_demeure" not in contact
    assert "| `nl.costs_need` | after letter_14_days or default_notice in writing" in charges
    assert "| `be.fee_needs` | after any message in writing and 14 free days: consumer |" in charges


def test_a_duty_is_told_as_decided_by_nobody() -> None:
    (line,) = [line for line in page().splitlines() if line.startswith("| `us-work-email` |")]
    assert "| **by nobody** | regulator | 12 CFR 1006.22(f)(3) | **no** |" in line


def test_a_pack_without_a_beginning_names_none() -> None:
    assert "None" not in page()
