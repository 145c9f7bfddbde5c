"""`dunning allocate` by the books and the cases of a live cluster."""

import json

import pytest

from tests.starter.conftest import Dunning

SAMPLE, MAP = "demo/ledger/sample.csv", "demo/ledger/sample.map.yaml"


@pytest.mark.usefixtures("live")
def test_what_is_open_is_what_the_case_says_and_what_it_is_sent_is_not_shared_again(
    dunning: Dunning,
) -> None:
    """INV-1002 has a case here, and a fee was posted; 693.29 of 1693.29 come in first."""
    dunning("import", SAMPLE, "--map", MAP)
    dunning("open", "INV-1002", "--at", "2026-01-10T09:00:00+00:00")
    words = ("--customer", "C-002", "--on", "2026-01-20", "--reference", "INV-1002", "--json")
    found = json.loads(dunning("allocate", "693.29", "USD", "--id", "first", *words).out)
    (share,) = found["shares"]
    assert share["invoice"] == "INV-1002"
    body = json.dumps(share["signal"])
    assert dunning("signal", "INV-1002", "payment_received", "--data", body).code == 0
    again = json.loads(dunning("allocate", "5000", "USD", "--id", "second", *words).out)
    assert again["shares"][0]["amount"]["amount"] == "1040.00"  # the late fee is open as well


@pytest.mark.usefixtures("live")
def test_an_invoice_without_a_case_is_open_in_full(dunning: Dunning) -> None:
    whose = ("--creditor", "untouched")
    dunning("import", SAMPLE, "--map", MAP, *whose)
    words = ("--id", "p", "--on", "2026-01-20", *whose)
    ended = dunning("allocate", "9999999", "USD", *words, "--customer", "C-001")
    assert "INV-1001: 3968.97 USD, not due yet" in ended.out
    ended = dunning("allocate", "1", "USD", *words, "--customer", "nobody")
    assert (ended.code, ended.err) == (1, "dunning: customer nobody owes nothing in USD\n")
