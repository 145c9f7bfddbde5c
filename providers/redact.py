"""Makes a provider's words fit to be kept: one short line that names no debtor."""

import re
from collections.abc import Iterator
from email.utils import parseaddr
from urllib.parse import quote

LONGEST = 300
_SHORTEST_NAME = 3
# a number is known by its end, for its beginning is written in many ways: +49 30…, 030…, 0049…
_TELLING_DIGITS = 7
_BETWEEN = r"[\s().-]*"


def bounded(text: str, to: str = "") -> str:
    """Return `text` on one line, without the recipient `to`, in at most 300 characters."""
    line = " ".join(text.split())
    for pattern in _patterns(to):
        line = re.sub(pattern, "[recipient]", line, flags=re.IGNORECASE)
    # the cut comes last: cutting first could leave half an address that no pattern matches
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _patterns(to: str) -> Iterator[str]:
    digits = re.sub(r"\D", "", to)
    if digits and "@" not in to:
        yield _number_pattern(digits)
    else:
        yield from map(re.escape, sorted(_spellings(to), key=len, reverse=True))


def _number_pattern(digits: str) -> str:
    end = _BETWEEN.join(digits[-_TELLING_DIGITS:])
    before = rf"(?:\d{_BETWEEN})*" if len(digits) > _TELLING_DIGITS else r"(?<!\d)"
    return rf"(?:\+|%2B)?{before}{end}(?!\d)"


def _spellings(to: str) -> set[str]:
    name, address = parseaddr(to)
    plain = {part for part in (to.strip(), address, name) if len(part) >= _SHORTEST_NAME}
    return plain | {quote(part, safe="") for part in plain} | {quote(part) for part in plain}
