"""A CSV file as a stream of lines: one line in memory at a time, physical line numbers kept.

A byte that is not text spoils its own row and no other: it travels as a lone surrogate and is
refused where it stands.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from schemas.errors import InputRefusedError
from starter.ledger.rows import RefusedRow, refuse

LONGEST_LINE = 1 << 20
"""Characters; a longer line is no ledger, and would be held in memory whole."""


@dataclass(frozen=True)
class Line:
    """The cells of one row and the physical line it starts on."""

    number: int
    cells: list[str]


def read_sheet(path: Path, delimiter: str, encoding: str) -> Iterator[Line | RefusedRow]:
    """Yield every row that is not blank, the header first, and what cannot be cut into cells.

    Raises InputRefusedError for a file that cannot be read at all.
    """
    if path.exists() and not path.is_file():
        raise InputRefusedError(f"{path} is not a regular file, and a ledger is read twice")
    try:
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
            yield from _rows(path, file, delimiter)
    except FileNotFoundError as error:
        raise InputRefusedError(f"{path} does not exist") from error
    except OSError as error:
        raise InputRefusedError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeError as error:
        raise InputRefusedError(f"{path} is not written in {encoding}: {error}") from error


def _rows(path: Path, file: TextIO, delimiter: str) -> Iterator[Line | RefusedRow]:
    reader = csv.reader(_physical_lines(path, file), delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield refuse(start, "", "", _broken_quotes(start, reader.line_num))
            continue
        if cells:
            yield Line(start, cells)


def _broken_quotes(start: int, end: int) -> str:
    """Say which lines a broken quote swallowed: none of them was read."""
    lost = f"; lines {start} to {end} were not read" if end > start else ""
    return f'has a quote (") that is not closed properly{lost}'


def _physical_lines(path: Path, file: TextIO) -> Iterator[str]:
    number = 0
    while text := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(text) > LONGEST_LINE:
            raise InputRefusedError(f"{path}, line {number} is longer than {LONGEST_LINE}")
        yield text
