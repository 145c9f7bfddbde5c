"""Adapters to the world: each fulfils one port of `activities/ports.py` with one provider."""
