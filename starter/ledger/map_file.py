"""Reads a column map from its YAML file."""

from pathlib import Path

from library.documents import read_model
from starter.ledger.column_map import ColumnMap

_SHAPE = "a column map is a mapping with a key `columns`"


def load_column_map(path: Path) -> ColumnMap:
    """Read a column map.

    Raises InputRefusedError for a file that is not there or not YAML, and for a map that does not
    say what it must, with every fault at once: its line and field.
    """
    return read_model(path, ColumnMap, _SHAPE)
