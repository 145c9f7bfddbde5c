"""Sums and days are exact, and look right to the reader."""

from dataclasses import replace
from datetime import date

import pytest
from babel.core import Locale
from hypothesis import given
from hypothesis import strategies as st

from schemas.currencies import EXPONENTS
from schemas.errors import InputRefusedError
from wording import formatting, rendering
from wording.facts import ChargeLine, Facts, Letterhead


@pytest.mark.parametrize(
    ("language", "currency", "minor", "written"),
    [
        ("en", "EUR", 123450, "€1,234.50"),
        ("de", "EUR", 123450, "1.234,50\xa0€"),
        ("fr", "EUR", 123450, "1\u202f234,50\xa0€"),
        ("nl", "EUR", 123450, "€\xa01.234,50"),
        ("de-AT", "EUR", 123450, "€\xa01.234,50"),
        ("de-CH", "CHF", 123450, "CHF\xa01\u2019234.50"),
        ("en", "JPY", 5000, "¥5,000"),
        ("de", "JPY", 5000, "5.000\xa0¥"),
        ("en", "KWD", 1234, "KWD\xa01.234"),
        ("fr", "KWD", 1234567, "1\u202f234,567\xa0KWD"),
        ("en", "RSD", 1230, "RSD\xa012.30"),
        ("de", "IQD", 5, "0,005\xa0IQD"),
        ("en", "CLF", 12345, "CLF\xa01.2345"),
        ("en", "USD", 10**17, "$1,000,000,000,000,000.00"),
        ("en", "USD", 0, "$0.00"),
    ],
)
def test_money_has_the_decimals_of_iso_4217(
    language: str, currency: str, minor: int, written: str
) -> None:
    assert formatting.money(minor, currency, Locale.parse(language, sep="-")) == written


@given(
    st.integers(0, 10**17),
    st.sampled_from(sorted(EXPONENTS)),
    st.sampled_from(["en", "en-GB", "de", "de-AT", "de-CH", "fr", "fr-CA", "nl", "nl-BE"]),
)
def test_no_digit_is_ever_lost(minor: int, currency: str, language: str) -> None:
    text = formatting.money(minor, currency, Locale.parse(language, sep="-"))
    digits = "".join(sign for sign in text if sign.isdecimal())
    assert int(digits) == minor


@pytest.mark.parametrize(
    ("language", "on", "written"),
    [
        ("en", date(2026, 3, 1), "March 1, 2026"),
        ("en-GB", date(2026, 3, 1), "1 March 2026"),
        ("de", date(2026, 3, 1), "1. März 2026"),
        ("fr", date(2026, 3, 1), "1er mars 2026"),
        ("fr", date(2026, 8, 11), "11 août 2026"),
        ("nl", date(2026, 3, 1), "1 maart 2026"),
    ],
)
def test_days_are_written_long(language: str, on: date, written: str) -> None:
    assert formatting.day(on, Locale.parse(language, sep="-")) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "March 2026"), ("de", "März 2026"), ("fr", "mars 2026"), ("nl", "maart 2026")],
)
def test_months_are_written_in_words(language: str, written: str) -> None:
    assert formatting.month(date(2026, 3, 31), Locale.parse(language)) == written


def test_french_blanks_before_double_signs_do_not_break(
    letterhead: Letterhead, facts: Facts
) -> None:
    email = rendering.render_email("final-notice", letterhead, replace(facts, language="fr"))
    for text in (email.subject, email.text, email.html):
        assert not any(f" {sign}" in text for sign in ":;!?%»")
    assert "\xa0:" in email.text
    assert formatting.french_spaces("« oui » : 5 %") == "«\xa0oui\xa0»\xa0: 5\xa0%"
    assert formatting.french_spaces("oui\n; non\n\n! ") == "oui\xa0; non\n\n! "


def test_german_keeps_its_umlauts(letterhead: Letterhead, facts: Facts) -> None:
    email = rendering.render_email("reminder", letterhead, replace(facts, language="de"))
    assert "Fällig am" in email.text
    assert "freundliche Grüße" in email.html


def test_paragraphs_are_cut_at_blank_lines_and_keep_hard_blanks() -> None:
    assert formatting.paragraphs("\na\nb\n \n1\u202f000\xa0€\n") == ["a b", "1\u202f000\xa0€"]


def test_what_is_set_aside_is_shown_and_only_then(letterhead: Letterhead, facts: Facts) -> None:
    shown = rendering.render_email("reminder", letterhead, facts).text
    assert "Set aside, not asked for now: €100.00" in shown
    whole = replace(facts, open_minor=107771)
    assert "Set aside" not in rendering.render_email("reminder", letterhead, whole).text


def test_no_charges_is_said(letterhead: Letterhead, facts: Facts) -> None:
    plain = replace(facts, charges=(), paid_minor=0, open_minor=123450)
    assert "  Charges: €0.00" in rendering.render_email("final-notice", letterhead, plain).text


def test_a_charge_of_a_kind_without_a_name_is_still_shown(
    letterhead: Letterhead, facts: Facts
) -> None:
    odd = replace(facts, charges=(ChargeLine("postage", 85, date(2026, 3, 9)),), open_minor=103535)
    text = rendering.render_email("reminder", letterhead, odd).text
    assert "Charge (March 9, 2026): €0.85" in text


def test_more_than_the_lines_explain_is_never_asked_for(facts: Facts) -> None:
    with pytest.raises(InputRefusedError, match="1 more than original - paid"):
        replace(facts, open_minor=107772)


def test_an_unknown_currency_is_refused(facts: Facts) -> None:
    with pytest.raises(InputRefusedError, match="'XYZ' is not an ISO 4217"):
        replace(facts, currency="XYZ")
