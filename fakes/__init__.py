"""Providers that live on this machine, for tests and demos; the real adapters talk to them."""
