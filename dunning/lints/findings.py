"""What a lint finds in a policy that reads well, and yet would not do what it says."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that is wrong, or with `is_fault` False one that a person should look at.

    `step` is the id of the step, None for the policy as a whole; `field` names what to change.
    """

    step: str | None
    field: str
    words: str
    is_fault: bool = True


def warning(step: str | None, field: str, words: str) -> Finding:
    """Return a finding that does not stop the policy from being used."""
    return Finding(step, field, words, is_fault=False)
