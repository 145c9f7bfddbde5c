"""The headers that every email of ours carries, whichever provider takes it."""

from schemas.messages import Email
from schemas.tags import KEY_HEADER


def headers_of(email: Email) -> dict[str, str]:
    """Give the email's own headers and ours; ours win."""
    return {
        **email.headers,
        # asks other machines not to answer this one
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        KEY_HEADER: email.key,
    }
