"""Every fault of a scenario in one reading, whatever it is a fault of."""

from pathlib import Path

import pytest

from library.documents import DocumentRefusedError
from starter.scenarios import load_scenario

FAULTS_OF_EVERY_KIND = """policy: own/none.yaml
invoice:
  {id: I, issued_on: 2026-01-01, due_on: 2025-01-31, amount: {amount: "10.001", currency: EUR}}
customer: {id: C, time_zone: Mars/Phobos}
opened_at: 2026-02-01T09:00:00
jurisdictions: [de, atlantis]
events:
  - {type: payment_received, id: p, at: 2026-02-01T09:00:00Z, amount: {amount: "1", currency: USD}}
  - {type: paymnt, id: q, at: 2026-02-01T09:00:00Z}
"""


def test_no_fault_of_a_scenario_hides_another(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(FAULTS_OF_EVERY_KIND, encoding="utf-8")
    with pytest.raises(DocumentRefusedError) as refused:
        load_scenario(path)
    told = [fault.removeprefix(f"{path}, ") for fault in refused.value.faults]
    starts = [
        f"line 1: policy: there is no file {tmp_path}/own/none.yaml and no file /",
        "line 3: invoice.due_on: due on 2025-01-31 is before issued on 2026-01-01",
        "line 3: invoice.amount: EUR has 2 decimals, got 10.001",
        "line 4: customer.time_zone: 'Mars/Phobos' is not an IANA time zone, e.g. Europe/Berlin",
        "line 5: opened_at: '2026-02-01T09:00:00' should name its offset, e.g. 2026-02-01T09",
        "line 9, event q: type: 'paymnt' is not known; there are ",
        "line 8, event p: amount: is in USD, the invoice is in EUR",
        "line 6: jurisdictions.1: there is no pack 'atlantis'; shipped are ",
    ]
    assert len(told) == len(starts)
    for line, start in zip(told, starts, strict=True):
        assert line.startswith(start)
