"""The shipped sample ledger: 64 invoices of 20 made-up customers in five countries."""

from pathlib import Path

SAMPLE = Path(__file__).with_name("sample.csv")
"""The sample ledger; `python -m demo.ledger.generate` writes it anew, byte for byte the same."""

SAMPLE_MAP = Path(__file__).with_name("sample.map.yaml")
"""The sample's column map."""
