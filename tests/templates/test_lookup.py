"""Which file is chosen, and what is said when there is none or it is wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from activities import rendering
from activities.rendering import Facts, Letterhead
from schemas.errors import InputRefusedError


def house(folder: Path, subject: str) -> Path:
    """Build a templates folder whose one template is an English email with this subject."""
    for name, text in {
        "_base/en/words.j2": "",
        "plain/en/email.subject.j2": subject,
        "plain/en/email.txt.j2": "text",
        "plain/en/email.html.j2": "<p>{{ customer_name }}</p>",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("language", "tag", "greeting"),
    [
        ("de-AT", "de-AT", "Guten Tag"),
        ("fr-CA", "fr-CA", "Bonjour"),
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
    with pytest.raises(InputRefusedError, match=r"is unknown: expected a folder .*there are final"):
        rendering.render_email(name, letterhead, facts)
    with pytest.raises(InputRefusedError):
        rendering.available(name)
    with pytest.raises(InputRefusedError):
        rendering.tones(name)


def test_a_channel_a_template_lacks_is_refused(letterhead: Letterhead, facts: Facts) -> None:
    with pytest.raises(InputRefusedError) as refused:
        rendering.render_call("reminder", letterhead, replace(facts, language="de"))
    sentence = str(refused.value)
    assert "template 'reminder' cannot be written as call in 'de'" in sentence
    assert "templates/reminder/en/call.twiml.j2" in sentence


def test_a_tone_a_template_lacks_is_refused(letterhead: Letterhead, facts: Facts) -> None:
    with pytest.raises(InputRefusedError, match=r"tone 'angry'.*reminder/en/tones/angry\.j2"):
        rendering.render_sms("reminder", letterhead, replace(facts, tone="angry"))


def test_an_email_lacking_one_of_its_three_files_is_no_email(tmp_path: Path) -> None:
    folder = house(tmp_path, "subject")
    (folder / "plain/en/email.txt.j2").unlink()
    assert rendering.available("plain", folder) == {"en": ()}


def test_a_language_without_words_is_not_there(tmp_path: Path) -> None:
    folder = house(tmp_path, "subject")
    (folder / "plain/nl").mkdir()
    assert rendering.available("plain", folder) == {"en": ("email",)}
    assert rendering.tones("plain", folder) == {"en": ()}


def test_a_missing_variable_names_file_and_variable(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    folder = house(tmp_path, "a\n{{ custmer }}")
    with pytest.raises(InputRefusedError, match=r"email\.subject\.j2:2 cannot.*'custmer' is undef"):
        rendering.render_email("plain", letterhead, facts, folder)


@pytest.mark.parametrize(
    "attempt",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ creditor_address.append('x') }}",
        "{{ statement[0].__class__ }}",
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
    folder = house(tmp_path, attempt)
    with pytest.raises(InputRefusedError, match="cannot be filled in"):
        rendering.render_email("plain", letterhead, facts, folder)


def test_a_subject_of_several_lines_becomes_one(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    folder = house(tmp_path, "one\nBcc: two\n")
    assert rendering.render_email("plain", letterhead, facts, folder).subject == "one Bcc: two"


def test_markup_is_escaped_and_plain_text_is_not(
    tmp_path: Path, letterhead: Letterhead, facts: Facts
) -> None:
    folder = house(tmp_path, "{{ customer_name }}")
    email = rendering.render_email("plain", letterhead, replace(facts, customer_name="A&B"), folder)
    assert (email.subject, email.html) == ("A&B", "<p>A&amp;B</p>\n")


def test_one_environment_serves_all() -> None:
    assert rendering.environment() is rendering.environment()
    assert rendering.environment().auto_reload is False
