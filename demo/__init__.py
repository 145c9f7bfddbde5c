"""The live demo: a sample ledger, its debtors, and a billing system that reacts."""

from pathlib import Path

POLICY = Path(__file__).with_name("policy.yaml")
"""The policy that the demo's cases run under."""
