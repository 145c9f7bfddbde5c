"""Everything the demo and the tests need, started on this machine without Docker."""
