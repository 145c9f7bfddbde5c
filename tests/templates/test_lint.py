"""The lint finds what an author must not write, and what he forgot."""

from pathlib import Path
from shutil import copytree

import pytest
import yaml

from library.jurisdictions import shipped
from starter.template_lint import LANGUAGES, Required, lint_templates, must_disclose
from wording import catalogue

REQUIRED: Required = {
    "*": [
        "creditor_name",
        "reference",
        "contact_way",
        "how_to_dispute",
        "optout_way",
        "postal_address",
    ],
    "default_notice": ["amount_open", "due_date", "charges_itemised", "pay_until", "consequences"],
    "final_notice": ["amount_open", "charges_itemised", "pay_until", "consequences", "plan_offer"],
    "plan_offer": ["schedule", "total", "default_terms", "no_charge_statement"],
    "handoff_notice": ["amount_open", "agency_name", "effective_date"],
    "voicemail": ["creditor_name", "callback_number"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy what is shipped, to be spoilt."""
    for name in ("_base", "reminder", "final-notice", "payment-call", "plan-offer"):
        copytree(catalogue.TEMPLATES / name, tmp_path / name)
    (tmp_path / "unwanted.yaml").write_bytes((catalogue.TEMPLATES / "unwanted.yaml").read_bytes())
    return tmp_path


def spoil(folder: Path, file: str, **words: str | None) -> None:
    """Change words of a word file wherever they stand; None leaves a word out."""
    path = folder / file
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for place in (document, *document.get("tones", {}).values()):
        for name, sentence in words.items():
            if name in place or place is document:
                place[name] = sentence
            if sentence is None:
                place.pop(name, None)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def faults(folder: Path, template: str, language: str = "en") -> tuple[str, ...]:
    return lint_templates(REQUIRED, [language], [template], folder=folder)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shipped_has_no_fault_under_any_shipped_pack(language: str) -> None:
    strictest: dict[str, set[str]] = {}
    for pack in shipped().values():
        for message, ids in pack.disclose.items():
            strictest.setdefault(message, set()).update(ids)
    assert {"optout_way", "postal_address"} <= strictest["*"]
    assert lint_templates(strictest, [language]) == ()


def test_a_missing_translation_names_the_file(folder: Path) -> None:
    (folder / "reminder/nl.yaml").unlink()
    (fault,) = faults(folder, "reminder", "nl")
    assert fault == "templates/reminder/nl.yaml: is missing; 'reminder' has no words in 'nl'"


def test_a_disclosure_that_is_left_out_is_named_for_each_channel_and_tone(folder: Path) -> None:
    (folder / "final-notice/template.yaml").write_text(
        "{channels: [email, letter], tones: [formal], parts: [lead, account, ask, ways]}"
    )
    assert faults(folder, "final-notice") == (
        "templates/final-notice/en.yaml: email, formal: does not disclose 'consequences'",
        "templates/final-notice/en.yaml: email, formal: does not disclose 'plan_offer'",
        "templates/final-notice/en.yaml: letter, formal: does not disclose 'consequences'",
        "templates/final-notice/en.yaml: letter, formal: does not disclose 'plan_offer'",
    )


def test_a_disclosure_whose_words_are_empty_is_not_made(folder: Path) -> None:
    spoil(folder, "final-notice/en.yaml", consequences="")
    assert any("does not disclose 'consequences'" in one for one in faults(folder, "final-notice"))


@pytest.mark.parametrize(
    ("language", "sentence", "verdict"),
    [
        ("en", "Get a discount today.", "advertises: 'discount'"),
        ("de", "Sichern Sie sich Rabatte.", "advertises: 'Rabatte'"),
        ("fr", "Profitez de nos promotions.", "advertises: 'promotions'"),
        ("nl", "Nu met korting.", "advertises: 'korting'"),
        ("en", "We will take legal action.", "threatens: 'legal action'"),
        ("de", "Wir gehen vor Gericht.", "threatens: 'Gericht'"),
        ("fr", "Un huissier viendra.", "threatens: 'huissier'"),
        ("nl", "De deurwaarder komt.", "threatens: 'deurwaarder'"),
    ],
)
def test_a_sentence_that_advertises_or_threatens_is_found(
    language: str, sentence: str, verdict: str, folder: Path
) -> None:
    spoil(folder, f"reminder/{language}.yaml", ask=sentence)
    found = faults(folder, "reminder", language)
    assert found
    assert all(one.endswith(verdict) for one in found)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "Your overdue invoice"),
        ("de", "Mahnung zu Ihrer Rechnung"),
        ("fr", "Votre facture impayée"),
        ("nl", "Betalingsherinnering"),
    ],
)
def test_a_subject_that_reveals_a_debt_is_found(language: str, subject: str, folder: Path) -> None:
    spoil(folder, f"reminder/{language}.yaml", subject=subject)
    assert any("says to any bystander" in one for one in faults(folder, "reminder", language))


def test_a_text_message_that_names_an_amount_is_found_unless_allowed(folder: Path) -> None:
    spoil(folder, "reminder/en.yaml", sms="please pay {{ amount_open }}.")
    assert any("names an amount (amount_open)" in one for one in faults(folder, "reminder"))
    assert lint_templates(REQUIRED, ["en"], ["reminder"], sms_amounts=True, folder=folder) == ()


def test_a_value_that_is_not_there_is_found_even_where_it_is_never_reached(folder: Path) -> None:
    spoil(folder, "reminder/en.yaml", ask="{% if not business %}{{ custmer_name }}{% endif %}Pay.")
    assert any(
        one.endswith("ask: there is no value 'custmer_name'") for one in faults(folder, "reminder")
    )


def test_a_sentence_that_does_not_read_is_found(folder: Path) -> None:
    spoil(folder, "reminder/en.yaml", ask="{% if %}")
    assert any("ask cannot be filled in" in one for one in faults(folder, "reminder"))


def test_a_call_that_tells_a_stranger_of_the_invoice_is_found(folder: Path) -> None:
    spoil(folder, "payment-call/en.yaml", goodbye="About your debt: goodbye.")
    assert any("says to any bystander" in one for one in faults(folder, "payment-call"))


def test_what_must_be_disclosed_depends_on_the_channel() -> None:
    assert "optout_way" in must_disclose(REQUIRED, "reminder", "email")
    assert "optout_way" not in must_disclose(REQUIRED, "reminder", "letter")
    assert must_disclose(REQUIRED, "reminder", "sms") == {
        "creditor_name", "contact_way", "optout_way",
    }  # fmt: skip
    assert must_disclose(REQUIRED, "payment-call", "call") == {"creditor_name", "callback_number"}
