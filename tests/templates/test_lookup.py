"""Which words are chosen, and what is said when there are none or they are wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from schemas.errors import InputRefusedError
from wording import catalogue, rendering
from wording.facts import Facts, Letterhead
from wording.page import compose

BASE = (Path(catalogue.TEMPLATES) / "_base" / "en.yaml").read_text(encoding="utf-8")


def house(folder: Path, words: str, sheet: str = "{channels: [sms], tones: [formal]}") -> Path:
    """Build a templates folder with one template of these English words."""
    for name, text in {
        "_base/en.yaml": BASE,
        "plain/template.yaml": sheet,
        "plain/en.yaml": words,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("language", "tag", "greeting"),
    [
        ("de-AT", "de-AT", "Guten Tag"),
        ("fr-CA", "fr-CA", "Bonjour"),
        ("nl-BE", "nl-BE", "Beste"),
        ("en-GB", "en-GB", "Dear"),
        ("de-XX", "de-XX", "Guten Tag"),
        ("es", "en", "Dear"),
        ("../..", "en", "Dear"),
        ("", "en", "Dear"),
    ],
)
def test_language_falls_back_to_its_parent_then_to_english(
    language: str, tag: str, greeting: str, letterhead: Letterhead, facts: Facts
) -> None:
    email = rendering.render_email("reminder", letterhead, replace(facts, language=language))
    assert f'<html lang="{tag}">' in email.html
    assert email.text.startswith(greeting)


def test_in_english_for_want_of_spanish_sums_are_english_too(
    letterhead: Letterhead, facts: Facts
) -> None:
    email = rendering.render_email("reminder", letterhead, replace(facts, language="es"))
    assert "€977.71" in email.text
    assert "March 1, 2026" in email.text


def test_without_a_tone_the_mildest_is_taken(letterhead: Letterhead, facts: Facts) -> None:
    friendly = rendering.render_email("reminder", letterhead, replace(facts, tone="friendly"))
    assert rendering.render_email("reminder", letterhead, facts) == friendly


@pytest.mark.parametrize("name", ["remindr", "", "..", "_base", "reminder/en", "../templates"])
def test_an_unknown_template_is_refused(name: str, letterhead: Letterhead, facts: Facts) -> None:
    with pytest.raises(InputRefusedError, match=r"is unknown: expected a file .*there are card-"):
        rendering.render_email(name, letterhead, facts)


def test_a_channel_a_template_lacks_is_refused(letterhead: Letterhead, facts: Facts) -> None:
    with pytest.raises(InputRefusedError, match="'reminder' cannot be written as call; it can as "):
        rendering.render_call("reminder", letterhead, facts)


def test_a_tone_a_template_lacks_is_refused(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    folder = house(tmp_path, "sms: a")
    with pytest.raises(InputRefusedError, match="'plain' has no tone 'friendly'; it has formal"):
        rendering.render_sms("plain", letterhead, replace(facts, tone="friendly"), folder)


def test_words_are_narrowed_by_channel_then_tone_and_the_template_goes_before_the_base(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    words = """
sms: always
contact_way: of the template
channels: {sms: {optout_way: on this channel}}
tones: {formal: {sms: in this tone, optout_way: in this tone}}
"""
    sms = rendering.render_sms("plain", letterhead, facts, house(tmp_path, words))
    assert sms.text == "Example Trading Ltd: in this tone of the template on this channel"


def test_a_misspelt_value_names_file_word_and_value(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    folder = house(tmp_path, "sms: 'about {{ custmer }}'")
    with pytest.raises(InputRefusedError, match=r"plain/en\.yaml: sms cannot .*'custmer' is undef"):
        rendering.render_sms("plain", letterhead, facts, folder)


def test_a_missing_word_names_the_file_that_lacks_it(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    folder = house(tmp_path, "heading: only this")
    with pytest.raises(
        InputRefusedError, match=r"templates/plain/en\.yaml: the word 'sms' is miss"
    ):
        rendering.render_sms("plain", letterhead, facts, folder)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("sms: [one, two]", r"plain/en\.yaml: sms: "),
        ("sms: 'a", r"plain/en\.yaml, line \d+: is not valid YAML"),
        ("tones: {angry: {sms: a}}", r"plain/en\.yaml: tones\.angry"),
        ("- sms", r"plain/en\.yaml: the file: "),
    ],
)
def test_a_faulty_word_file_names_file_and_place(
    words: str, sentence: str, tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    with pytest.raises(InputRefusedError, match=sentence):
        rendering.render_sms("plain", letterhead, facts, house(tmp_path, words))


def test_a_sheet_with_a_field_that_is_not_known_is_refused(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    folder = house(tmp_path, "sms: a", "{channels: [sms], tones: [formal], part: [lead]}")
    with pytest.raises(InputRefusedError, match=r"plain/template\.yaml: part: "):
        rendering.render_sms("plain", letterhead, facts, folder)


@pytest.mark.parametrize(
    "attempt",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ creditor_name.seen.add('x') }}",
        "{{ creditor_name.__class__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ lipsum }}",
        "{{ range(10) }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{% include '../../schemas/money.py' %}",
        "{% if %}",
    ],
)
def test_the_sandbox_lets_nothing_out(
    attempt: str, tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    folder = house(tmp_path, f'sms: "{attempt}"')
    with pytest.raises(InputRefusedError, match="cannot be filled in"):
        rendering.render_sms("plain", letterhead, facts, folder)


def test_a_line_of_nothing_but_a_condition_parts_no_paragraph(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    words = """
heading: a
subject: a
lead: |
  one{% if business %} two{% endif %}
  {% if business %}
  three
  {% endif %}
  four

  five
"""
    sheet = "{channels: [letter], tones: [formal], parts: [lead]}"
    page = compose("plain", "letter", letterhead, facts, house(tmp_path, words, sheet))
    assert page.parts[0].paragraphs == ("one two three four", "five")


def test_a_subject_of_several_lines_becomes_one(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    folder = house(tmp_path, "sms: |\n  one\n  Bcc: two\n")
    text = rendering.render_sms("plain", letterhead, facts, folder).text
    assert text.startswith("Example Trading Ltd: one Bcc: two ")
