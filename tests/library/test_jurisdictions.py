"""Reading the packs, and choosing those of a debtor."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from library.documents import DocumentRefusedError
from library.jurisdictions import SHIPPED, load_pack, load_packs, packs_for, rulebook, shipped
from schemas.customer import Customer
from schemas.errors import InputRefusedError
from schemas.rulebook import Rulebook

OPENED = date(2026, 11, 21)
FILES = sorted(SHIPPED.glob("*.yaml"))
BLOCKS = (
    "clock",
    "windows",
    "holidays",
    "consent",
    "optout",
    "stops",
    "disclose",
    "receipt",
    "plan",
)


def debtor(**fields: Any) -> Customer:  # noqa: ANN401 - fields of a customer
    return Customer.model_validate({"id": "C-1", **fields})


def chosen(**fields: Any) -> list[str]:  # noqa: ANN401 - fields of a customer
    return [pack.id for pack in rulebook(debtor(**fields), None, OPENED).packs]


@pytest.mark.parametrize(
    ("customer", "packs"),
    [
        ({}, ["default"]),
        ({"country": "JP"}, ["default"]),
        ({"country": "US"}, ["us"]),
        ({"country": "US", "kind": "sole_trader"}, ["us"]),
        ({"country": "US", "kind": "business", "subdivision": "MA"}, ["us-b2b"]),
        ({"country": "US", "subdivision": "MA"}, ["us", "us-ma"]),
        ({"country": "US", "subdivision": "US-FL"}, ["us", "us-fl"]),
        ({"country": "US", "subdivision": "NY"}, ["us"]),
        ({"country": "US", "subdivision": "NY", "city": " brooklyn "}, ["us", "us-nyc"]),
        ({"country": "US", "subdivision": "NY", "postal_code": "11201"}, ["us", "us-nyc"]),
        ({"country": "US", "subdivision": "NY", "city": "Albany"}, ["us"]),
        ({"country": "US", "subdivision": "KS", "city": "Manhattan"}, ["us"]),
        ({"country": "US", "subdivision": "DC"}, ["us", "us-dc"]),
        ({"country": "US", "subdivision": "WA"}, ["us", "us-wa"]),
        ({"country": "GB", "kind": "business"}, ["uk"]),
        ({"country": "DE", "kind": "public_body"}, ["de"]),
        ({"country": "FR"}, ["fr"]),
        ({"country": "NL"}, ["nl"]),
        ({"country": "BE"}, ["be"]),
    ],
)
def test_a_debtor_gets_the_packs_of_kind_and_place(
    customer: dict[str, str], packs: list[str]
) -> None:
    assert chosen(**customer) == packs


def test_a_named_pack_brings_the_one_it_adds_to() -> None:
    book = rulebook(debtor(country="DE"), ["us-nyc", "us-ma"], OPENED)
    assert [pack.id for pack in book.packs] == ["us", "us-nyc", "us-ma"]


def test_no_named_pack_is_no_rule() -> None:
    assert rulebook(debtor(country="DE"), [], OPENED).packs == ()


def test_a_pack_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(InputRefusedError, match="no pack 'ger'; shipped are be, de, default"):
        rulebook(debtor(), ["ger"], OPENED)


def test_a_law_that_begins_within_the_horizon_comes_along() -> None:
    new_yorker = debtor(country="US", subdivision="NY", city="NYC")
    assert "us-nyc" in [p.id for p in rulebook(new_yorker, None, date(2024, 1, 1)).packs]
    assert "us-nyc" not in [p.id for p in rulebook(new_yorker, None, date(2023, 12, 31)).packs]


def test_a_law_that_has_ended_stays_behind(tmp_path: Path) -> None:
    path = written(tmp_path, extends="default", valid_to="2026-01-31")
    assert rulebook(debtor(), [str(path)], date(2026, 2, 1)).packs == ()
    assert len(rulebook(debtor(), [str(path)], date(2026, 1, 31)).packs) == 1


@pytest.mark.parametrize(
    "customer",
    [
        {"country": "DE", "subdivision": "BE"},
        {"country": "US", "subdivision": "NY", "city": "New York"},
        {"country": "BE"},
    ],
    ids=["de", "us-nyc", "be"],
)
def test_a_pinned_rulebook_is_small_and_reads_back_the_same(customer: dict[str, str]) -> None:
    book = rulebook(debtor(**customer), None, OPENED)
    text = book.model_dump_json()
    assert len(text) < 3_000
    assert Rulebook.model_validate_json(text) == book
    assert "cite" not in text


def test_holidays_of_four_years_are_pinned() -> None:
    book = rulebook(debtor(country="DE", subdivision="DE-BY"), None, OPENED)
    days = book.holidays["DE-BY"]
    assert (days[0], book.holidays_until) == (date(2025, 1, 1), date(2028, 12, 31))
    assert date(2027, 5, 27) in book.days_off["DE-BY"]  # Corpus Christi, no holiday in Berlin


def test_the_whole_pack_keeps_its_words_and_its_sources() -> None:
    (germany,) = packs_for(debtor(country="DE"), None)
    assert germany.optout
    assert {"STOP", "STOPP"} <= set(germany.optout.keywords)
    assert germany.disclose["reminder"] == ("amount_open", "due_date", "how_to_pay")


def test_a_pack_keeps_what_it_does_not_change() -> None:
    packs = shipped()
    assert packs["de"].caps == packs["default"].caps
    assert [gate.id for gate in packs["uk"].gates] == ["d-final", "d-handoff", "uk-court"]
    assert [cap.id for cap in packs["fr"].caps][-1] == "fr-call"
    assert packs["de"].windows["call"].model_dump() == {"mon-sat": ["08:00-20:00"]}
    assert packs["us"].plan
    assert packs["us"].plan.consumer.max_months == 12


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_each_pack_says_where_every_block_of_its_own_comes_from(path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    sources = document.get("sources", {})
    stated = {name.partition(".")[0] for name in sources}
    assert stated == {block for block in BLOCKS if block in document}
    for block in ("caps", "caps_add", "gaps", "gates", "gates_add", "duties", "duties_add"):
        assert all("basis" in rule for rule in document.get(block, []))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_each_pack_is_the_file_of_its_id_and_has_a_version(path: Path) -> None:
    pack = shipped()[path.stem]
    assert pack.id == path.stem
    date.fromisoformat(pack.version)


def written(folder: Path, **changes: Any) -> Path:  # noqa: ANN401 - a pack as it is written
    path = folder / "mine.yaml"
    document = {"schema": "contact-rules/1", "id": "mine", "version": "1", **changes}
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path


def test_a_contracts_own_pack_may_stand_beside_the_laws(tmp_path: Path) -> None:
    cap = {
        "id": "contract",
        "channels": ["call"],
        "n": 1,
        "days": 30,
        "scope": "debtor",
        "basis": "convention",
    }
    path = written(tmp_path, adds_to="de", caps=[cap])
    book = rulebook(debtor(country="DE"), [str(path)], OPENED)
    assert [pack.id for pack in book.packs] == ["de", "mine"]


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "schema: contact-rules/1\n"
        "id: mine\n"
        'version: "1"\n'
        "extends: default\n"
        "windows:\n"
        "  call: {mon-fri: [09:00-25:00]}\n"
        "  fax: {mon: ['09:00-10:00']}\n"
        "caps_add:\n"
        "  - {id: one, channels: [call], n: 0, days: 7, scope: debtor}\n"
        "consnt: {sms: none}\n"
    )
    with pytest.raises(DocumentRefusedError) as refused:
        load_pack(path)
    told = "\n".join(refused.value.faults)
    assert "mine.yaml, line 6: windows.call" in told
    assert "no span of a day" in told
    assert "line 7" in told
    assert "line 9, cap one: n" in told
    assert "line 10: consnt: is not known here; did you mean consent?" in told


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"schema": "contact-rules/2"}, "line 1: schema: write `schema: contact-rules/1`"),
        ({"extends": "ger"}, "extends: 'ger' is no pack it can build on; there are be, de"),
        ({"extends": "mine"}, "extends: 'mine' is no pack it can build on"),
        ({"adds_to": "ger"}, "adds_to: 'ger' is no pack it can build on"),
        ({}, "clock: a pack that adds to no other needs one"),
        ({"extends": "default", "caps_add": "many"}, "caps_add: is not known here"),
        (
            {"adds_to": "us", "sources": {"windows": {"basis": "law"}}},
            "sources.windows: cite: say which law it is",
        ),
        (
            {
                "adds_to": "us",
                "gaps": [
                    {"id": "g", "after": "attempt", "block": ["sms"], "days": 1, "basis": "case"}
                ],
            },
            "cite: say which case it is",
        ),
        (
            {"adds_to": "us", "receipt": {"letter": "3"}},
            "write 3d, or 2bd",
        ),
        (
            {
                "adds_to": "us",
                "gates": [{"id": "g", "before": "a", "need": "b"}] * 2,
            },
            "the rule id 'g' is used twice",
        ),
    ],
)
def test_a_faulty_pack_is_refused_with_what_would_be_right(
    tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(DocumentRefusedError, match=complaint.replace("(", r"\(")):
        load_pack(written(tmp_path, **changes))


def test_packs_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        head = f"schema: contact-rules/1\nid: {name}\nversion: '1'\nextends: {other}\n"
        (tmp_path / f"{name}.yaml").write_text(head)
    with pytest.raises(DocumentRefusedError) as refused:
        load_packs(tmp_path)
    assert len(refused.value.faults) == 2


def test_a_document_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- 1\n")
    with pytest.raises(DocumentRefusedError, match="a pack is a mapping"):
        load_packs(tmp_path)
