"""The column map: what the columns of somebody's ledger mean, written once as YAML.

```yaml
columns: {invoice: InvoiceNo, customer: Account, issued_on: Date, due_on: Due, amount: Open}
date_format: DD.MM.YYYY
decimal_mark: ","
thousands_mark: "."
delimiter: ";"
defaults: {currency: EUR, language: de}
values: {country: {Deutschland: DE}}
```
"""

import codecs
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from schemas.base import Frozen
from starter.ledger.cells import READERS
from starter.ledger.dates import DateFormat, date_format

ColumnName = Annotated[str, Field(min_length=1)]


class Columns(Frozen):
    """The ledger's column for each field; the first five must be there."""

    invoice: ColumnName
    customer: ColumnName
    issued_on: ColumnName
    due_on: ColumnName
    amount: ColumnName
    currency: ColumnName | None = None
    kind: ColumnName | None = None
    settled_on: ColumnName | None = None
    disputed: ColumnName | None = None
    debtor_kind: ColumnName | None = None
    name: ColumnName | None = None
    country: ColumnName | None = None
    subdivision: ColumnName | None = None
    time_zone: ColumnName | None = None
    language: ColumnName | None = None
    segment: ColumnName | None = None
    email: ColumnName | None = None
    phone: ColumnName | None = None
    address: ColumnName | None = None
    city: ColumnName | None = None
    postal_code: ColumnName | None = None
    consent_email: ColumnName | None = None
    consent_sms: ColumnName | None = None
    consent_call: ColumnName | None = None
    consent_letter: ColumnName | None = None

    @property
    def by_field(self) -> dict[str, str]:
        """Field to column, for the fields this ledger has."""
        return {field: str(column) for field, column in self if column is not None}


class Defaults(Frozen):
    """What an empty or absent cell means; only for fields that may be the same for many rows."""

    currency: str | None = None
    kind: str | None = None
    debtor_kind: str | None = None
    country: str | None = None
    subdivision: str | None = None
    time_zone: str | None = None
    language: str | None = None
    segment: str | None = None
    consent_email: str | None = None
    consent_sms: str | None = None
    consent_call: str | None = None
    consent_letter: str | None = None

    @property
    def by_field(self) -> dict[str, str]:
        """Field to default, for the fields that have one."""
        return {field: str(text) for field, text in self if text}


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
        "".encode(name)  # codecs such as base64 exist and turn no text into bytes
    except LookupError as error:
        raise ValueError(f'"{name}" is not a text encoding, e.g. utf-8-sig or cp1252') from error
    return name


def _one_mark(mark: str) -> str:
    if len(mark) != 1 or mark.isalnum() or mark in '"-+\r\n\0':
        raise ValueError(f'"{mark}" is not one separating character')
    return mark


def _known_format(text: str) -> str:
    return date_format(text).text


Mark = Annotated[str, AfterValidator(_one_mark)]


class ColumnMap(Frozen):
    """How to read one kind of ledger; `load_column_map` reads it from YAML."""

    columns: Columns
    date_format: Annotated[str, AfterValidator(_known_format)] = "YYYY-MM-DD"
    decimal_mark: Literal[".", ","] = "."
    thousands_mark: Mark | None = None
    delimiter: Mark = ","
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8-sig"
    defaults: Defaults = Defaults()
    values: dict[str, dict[str, str]] = {}

    @property
    def dates(self) -> DateFormat:
        """The reader of this ledger's dates."""
        return date_format(self.date_format)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.thousands_mark == self.decimal_mark:
            raise ValueError("thousands_mark: must not be the decimal_mark")
        if not (self.columns.currency or self.defaults.currency):
            raise ValueError(
                "columns.currency: is missing: name its column, or give defaults.currency"
            )
        return self

    @model_validator(mode="after")
    def _defaults_are_read(self) -> Self:
        """Refuse a wrong default once, here, instead of on every row."""
        for field, text in self.defaults.by_field.items():
            _readable(f"defaults.{field}", field, text)
        return self

    @model_validator(mode="after")
    def _values_are_read(self) -> Self:
        for field, table in self.values.items():
            if field not in self.columns.by_field:
                raise ValueError(f"values.{field}: is not a field that has a column above")
            for text in filter(None, table.values()):
                _readable(f"values.{field}", field, text)
        return self


def _readable(place: str, field: str, text: str) -> None:
    """Raise ValueError, naming the place in the map, unless the field's own reader takes it."""
    if field not in READERS:
        return
    try:
        READERS[field](text)
    except ValueError as error:
        raise ValueError(f'{place}: "{text}" {error}') from error
