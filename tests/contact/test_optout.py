"""Whether a reply says stop."""

import pytest

from dunning.contact.optout import is_opt_out
from library.jurisdictions import shipped
from tests.contact.build import written


@pytest.mark.parametrize(
    ("text", "pack", "expected"),
    [
        ("STOP", "default", "channel"),
        (" stop. ", "us", "channel"),
        ("Opt-out", "us", "channel"),
        ("please stop mailing me", "us", "review"),
        ("Don\u2019t contact me again!", "uk", "review"),
        ("Stopp!", "de", "channel"),
        ("bitte keine Nachrichten mehr", "de", "review"),
        ("Arrêt", "fr", "channel"),
        ("arret", "fr", "channel"),
        ("afmelden", "nl", "channel"),
        ("Ne plus me contacter svp", "be", "review"),
        ("afmelden", "us", None),
        ("I have paid on Friday", "us", None),
        ("nonstop", "us", None),
        ("", "us", None),
    ],
)
def test_a_keyword_acts_and_a_hint_goes_to_a_person(
    text: str, pack: str, expected: str | None
) -> None:
    assert is_opt_out(text, [shipped()[pack]]) == expected


def test_a_pack_may_end_every_channel_at_once() -> None:
    pack = written(optout={"keywords": ["STOP"], "effect": "all"})
    assert is_opt_out("stop", [written(id="silent"), pack]) == "all"
