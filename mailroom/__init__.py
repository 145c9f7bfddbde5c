"""Bringing what the world tells us to its case, whether or not there is one now."""
