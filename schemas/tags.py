"""How an effect key travels with an email, and comes back with what is reported of it."""

import re
from typing import Final
from urllib.parse import unquote

KEY_HEADER: Final = "X-Dunning-Key"
KEY_TAG: Final = "dunning-key"


def tag_of(key: str) -> str:
    """Write an effect key in the letters that SES allows in a tag; `key_of` reads it back."""
    return re.sub(r"[^A-Za-z0-9-]", _escaped, key)


def key_of(tag: str) -> str:
    """Read the effect key out of a tag that an SES event carries."""
    return unquote(tag.replace("_", "%"))


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"_{byte:02X}" for byte in match[0].encode())
