"""`dunning allocate` and `dunning offer`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dunning.inbox import Accepted, Body, read
from tests.starter.conftest import Dunning, Ended

LEDGER = """customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate
A,INV-1,1/1/2013,1/31/2013,10.00,No,
A,INV-2,1/1/2013,2/15/2013,20.50,No,
A,INV-3,1/1/2013,1/15/2013,99.00,No,2/1/2013
B,INV-4,1/1/2013,1/31/2013,94,No,2/8/2013
"""
MAP = "docs/examples/ibm.map.yaml"
SCENARIO = "docs/examples/policies/scenarios/late-business.yaml"

Allocate = Callable[..., Ended]


@pytest.fixture
def allocate(dunning: Dunning, tmp_path: Path) -> Allocate:
    """Allocate a payment of customer A by the ledger above, on 10 February 2013."""
    ledger = tmp_path / "ledger.csv"
    ledger.write_text(LEDGER)

    def run(amount: str, *words: object, currency: str = "USD", text: str | None = None) -> Ended:
        if text is not None:
            ledger.write_text(text)
        fixed = ("--id", "p1", "--on", "2013-02-10", "--ledger", ledger, "--map", MAP)
        return dunning("allocate", amount, currency, "--customer", "A", *fixed, *words)

    return run


def test_a_payment_goes_to_the_oldest_first_and_says_why(allocate: Allocate) -> None:
    ended = allocate("15.00")
    assert ended.out.splitlines() == [
        "INV-1: 10.00 USD, oldest overdue",
        "INV-2: 5.00 USD, not due yet",
    ]
    assert ended.code == 0


def test_what_goes_beyond_all_that_is_open_is_left(allocate: Allocate) -> None:
    assert allocate("40").out.splitlines()[-1] == "left to clarify: 9.50 USD"


def test_the_result_carries_signals_that_a_case_takes(allocate: Allocate) -> None:
    found = json.loads(allocate("25.00", "--reference", "pays inv-2", "--json").out)
    assert [(one["invoice"], one["amount"]["amount"], one["why"]) for one in found["shares"]] == [
        ("INV-2", "20.50", "the debtor names it"),
        ("INV-1", "4.50", "oldest overdue"),
    ]
    assert found["left"] == {"amount": "0.00", "currency": "USD"}
    signal = found["shares"][0]["signal"]
    assert (signal["id"], signal["value_on"]) == ("p1:INV-2", "2013-02-10")
    body = Body("json/plain", json.dumps(signal).encode())
    assert isinstance(read("payment_received", [body], "USD"), Accepted)


def test_a_reference_that_names_nothing_open_leaves_all_to_clarify(allocate: Allocate) -> None:
    assert allocate("25.00", "--reference", "INV-3").out == "left to clarify: 25.00 USD\n"


def test_a_split_is_followed(allocate: Allocate) -> None:
    ended = allocate("25.00", "--to", "INV-2=5", "--to", "INV-1=10.00")
    assert ended.out.splitlines() == [
        "INV-2: 5.00 USD, as the debtor split it",
        "INV-1: 10.00 USD, as the debtor split it",
        "left to clarify: 10.00 USD",
    ]


@pytest.mark.parametrize(
    ("amount", "words", "said"),
    [
        ("25.00", ["--to", "INV-3=5"], "--to: invoice INV-3 is not open; open are INV-1, INV-2"),
        ("25.00", ["--to", "INV-1=11"], "invoice INV-1 cannot get 11.00, 10.00 USD are open"),
        ("5.00", ["--to", "INV-1=6"], "the shares add up to 6.00, the payment is 5.00 USD"),
        ("5.00", ["--to", "INV-1"], "--to 'INV-1' is not written INVOICE=SUM"),
        ("5.00", ["--to", "INV-1=1", "--to", "INV-1=1"], "--to names invoice INV-1 twice"),
        ("5.00", ["--to", "INV-1=x"], "--to INV-1: x USD"),
        ("5.001", [], "the amount 5.001 USD: it: USD has 2 decimals"),
        ("0", [], "the amount 0 USD: the amount must be above zero"),
        ("NaN", [], "the amount NaN USD"),
        ("1e400", [], "the amount 1e400 USD"),
        ("5.00", ["--on", "10.2.2013"], "--on '10.2.2013' is not a day like 2026-02-10"),
        ("5.00", ["--id", ""], "--id: id: String should have at least 1 character"),
    ],
)
def test_bad_input_is_one_clear_sentence(
    allocate: Allocate, amount: str, words: list[str], said: str
) -> None:
    ended = allocate(amount, *words)
    assert ended.code == 2
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_a_currency_that_does_not_exist_is_refused(allocate: Allocate) -> None:
    ended = allocate("5.00", currency="XXQ")
    assert ended.code == 2
    assert "XXQ" in ended.err


def test_a_customer_who_owes_nothing_in_that_currency_is_refused(allocate: Allocate) -> None:
    ended = allocate("5.00", currency="EUR")
    assert (ended.code, ended.err) == (1, "dunning: customer A owes nothing in EUR\n")


def test_half_a_ledger_shares_no_money(allocate: Allocate) -> None:
    ended = allocate("5.00", text=LEDGER.replace("94", "9x4"))
    assert ended.code == 2
    assert "ledger.csv, line 5, column InvoiceAmount" in ended.err


def test_a_ledger_needs_its_map(dunning: Dunning, tmp_path: Path) -> None:
    ended = dunning(
        *("allocate", "5", "USD", "--customer", "A", "--id", "p", "--ledger", tmp_path / "l.csv")
    )
    assert (ended.code, ended.err) == (2, "dunning: --ledger and --map go together\n")


# offers


def test_an_offer_is_shown_with_its_name_its_last_day_and_its_instalments(dunning: Dunning) -> None:
    ended = dunning("offer", SCENARIO, "--at", "2026-02-20T10:00:00+01:00")
    name, *parts = ended.out.splitlines()
    assert name.startswith("offer-2026-03-06-")
    assert name.endswith(", to be accepted by 2026-03-06")
    assert parts == ["  2026-03-06: 405.00 EUR", "  2026-04-06: 405.00 EUR",
                     "  2026-05-06: 405.00 EUR"]  # fmt: skip


def test_what_an_offer_says_is_what_the_acceptance_needs(dunning: Dunning) -> None:
    wish = ("--instalments", "2", "--first", "2026-03-01", "--every", "weekly", "--down", "115.00")
    ended = dunning("offer", SCENARIO, "--at", "2026-02-20T10:00:00+01:00", *wish, "--json")
    found = json.loads(ended.out)
    assert [one["amount"]["amount"] for one in found["instalments"]] == [
        "115.00", "550.00", "550.00",
    ]  # fmt: skip
    signal = {name: found[name] for name in ("instalments", "terms", "accelerate")}
    document = signal | {"id": "plan", "at": "2026-02-21T10:00:00+01:00"}
    body = Body("json/plain", json.dumps(document).encode())
    assert isinstance(read("plan_accepted", [body], "EUR"), Accepted)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--instalments", "30"], 1, "invoice INV-2041: the last instalment is due on"),
        (["--first", "soon"], 2, "--first 'soon' is not a day like 2026-02-10"),
        (["--down", "-5"], 2, "--down -5 EUR: the amount must be above zero"),
        (["--at", "2026-02-20"], 2, "names no offset"),
    ],
)
def test_a_wish_that_cannot_be_met_says_why(
    dunning: Dunning, words: list[str], code: int, said: str
) -> None:
    ended = dunning("offer", SCENARIO, *words)
    assert ended.code == code
    assert said in ended.err
