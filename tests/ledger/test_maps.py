"""Column maps: what is refused, always in one sentence that names file and field."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.errors import InputRefusedError
from starter.ledger.column_map import ColumnMap
from starter.ledger.map_file import load_column_map
from starter.ledger.read import read_ledger

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
COLUMNS = (
    "columns: {invoice: Invoice, customer: Customer, issued_on: Issued, due_on: Due, "
    "amount: Amount}\n"
)
CURRENCY = "defaults: {currency: EUR}\n"

BAD = [
    ("a list", "- a\n- b\n", "a column map is a mapping with a key `columns`"),
    ("nothing at all", "", "a column map is a mapping with a key `columns`"),
    ("no YAML", "columns: {a: [b\n", "line 2: is not valid YAML"),
    ("a tab for indentation", "columns:\n\tinvoice: a\n", ", line 2: is not valid YAML"),
    ("a tag that runs code", "!!python/object/apply:os.system [ls]\n", "is not valid YAML"),
    ("a date for the columns", "columns: 2013-99-99\n",
     "line 1: columns: '2013-99-99' should be a mapping"),
    ("a thousand brackets", "[" * 3000, "it is nested too deeply"),
    ("no columns", CURRENCY, "columns: is missing"),
    ("a required field left out", COLUMNS.replace(", amount: Amount", "") + CURRENCY,
     "columns.amount: is missing"),
    ("no currency anywhere", COLUMNS, "columns.currency: is missing: name its column, or give"),
    ("an unknown key", COLUMNS + CURRENCY + "date_fromat: YYYY-MM-DD\n",
     "line 3: date_fromat: is not known here; did you mean date_format?"),
    ("an unknown field", COLUMNS.replace("amount: A", "amount: A, amuont: A") + CURRENCY,
     "columns.amuont: is not known here; did you mean amount?"),
    ("a default for an amount", COLUMNS + "defaults: {currency: EUR, amount: 5}\n",
     "defaults.amount: is not known here; "),
    ("a default that is no currency", COLUMNS + "defaults: {currency: EURO}\n",
     'defaults.currency: "EURO" is not an ISO 4217 currency code'),
    ("a column name that is a number", COLUMNS.replace("Amount", "7") + CURRENCY,
     "columns.amount: 7 is not text; write it in quotes"),
    ("a meaning for a field without a column", COLUMNS + CURRENCY + "values: {country: {a: DE}}\n",
     "values.country: is not a field that has a column"),
    ("a meaning that is none",
     COLUMNS.replace("{", "{country: Land, ") + CURRENCY + "values: {country: {UK: Britain}}\n",
     'values.country: "Britain" is not an ISO 3166 country code'),
    ("a date format of strange letters", COLUMNS + CURRENCY + "date_format: '%d.%m.%Y'\n",
     "date_format: '%d.%m.%Y' may hold YYYY"),
    ("a year of two digits", COLUMNS + CURRENCY + "date_format: DD.MM.YY\n",
     "date_format: 'DD.MM.YY' may hold YYYY"),
    ("a date format without a day", COLUMNS + CURRENCY + "date_format: MM/YYYY\n",
     "date_format: 'MM/YYYY' must have one year, one month and one day"),
    ("a date format that two days could share", COLUMNS + CURRENCY + "date_format: MDYYYY\n",
     "date_format: 'MDYYYY' needs a separator"),
    ("an odd decimal mark", COLUMNS + CURRENCY + "decimal_mark: ';'\n", "decimal_mark: "),
    ("one mark for two things", COLUMNS + CURRENCY + "thousands_mark: '.'\n",
     "thousands_mark: must not be the decimal_mark"),
    ("a delimiter of two characters", COLUMNS + CURRENCY + "delimiter: '||'\n",
     'delimiter: "||" is not one separating character'),
    ("an encoding that is none", COLUMNS + CURRENCY + "encoding: utf-9\n",
     'encoding: "utf-9" is not a text encoding'),
    ("an encoding that is no text", COLUMNS + CURRENCY + "encoding: base64\n",
     'encoding: "base64" is not a text encoding'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [row[1:] for row in BAD],
    ids=[row[0].replace(" ", "-") for row in BAD],
)
def test_a_map_is_refused_for(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "some.map.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefusedError) as caught:
        load_column_map(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert sentence in message
    assert "\n" not in message


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "some.map.yaml"
    path.write_text(COLUMNS.replace("amount", "amuont") + "delimiter: '||'\n", encoding="utf-8")
    with pytest.raises(InputRefusedError) as caught:
        load_column_map(path)
    assert str(caught.value).replace(str(path), "map").splitlines() == [
        "map, line 1: columns.amount: is missing",
        "map, line 1: columns.amuont: is not known here; did you mean amount?",
        'map, line 2: delimiter: "||" is not one separating character',
    ]


def test_norway_and_a_bare_yes_mean_what_they_look_like(tmp_path: Path) -> None:
    path = tmp_path / "some.map.yaml"
    text = COLUMNS.replace("{", "{disputed: D, ") + "defaults: {currency: EUR, country: NO}\n"
    path.write_text(f"{text}values: {{disputed: {{Yes: 'no'}}}}\n", encoding="utf-8")
    read = load_column_map(path)
    assert read.defaults.country == "NO"
    assert read.values == {"disputed": {"Yes": "no"}}


def test_a_map_that_is_not_there_or_not_readable_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError, match=r"nowhere\.yaml: cannot be read: No such file"):
        load_column_map(tmp_path / "nowhere.yaml")
    with pytest.raises(InputRefusedError, match="cannot be read"):
        load_column_map(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("columns: {name: Währung}".encode("latin-1"))
    with pytest.raises(InputRefusedError, match="is not UTF-8 text"):
        load_column_map(tmp_path / "latin.yaml")


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.map.yaml")))
def test_every_example_map_is_read(name: str) -> None:
    assert load_column_map(EXAMPLES / name).columns.invoice


LEDGERS = [
    ("a column the ledger lacks", "Invoice,Customer,Issued,Due,Amounts,Currency\n",
     'column "Amount", which the ledger does not have; did you mean "Amounts"? It has Invoice, '),
    ("a column like no other", "x,y\n", "does not have. It has x, y"),
    ("a column it has twice", "Invoice,Customer,Issued,Due,Amount,Amount\n",
     "which the ledger has 2 times"),
    ("an empty file", "", "has no header line naming its columns"),
    ("a broken header", '"Invoice"x,y\n', "has no header line naming its columns"),
    ("a line without end", "x" * (1 << 20) + "x\n", "line 1 is longer than"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [row[1:] for row in LEDGERS],
    ids=[row[0].replace(" ", "-") for row in LEDGERS],
)
def test_a_ledger_is_refused_whole_for(
    write: Callable[[str | bytes], Path], text: str, sentence: str
) -> None:
    column_map = ColumnMap.model_validate({
        "columns": {"invoice": "Invoice", "customer": "Customer", "issued_on": "Issued",
                    "due_on": "Due", "amount": "Amount"},
        "defaults": {"currency": "EUR"},
    })  # fmt: skip
    path = write(text)
    with pytest.raises(InputRefusedError) as caught:
        list(read_ledger(path, column_map))
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


def test_a_ledger_that_cannot_be_opened_is_named(tmp_path: Path, plain_map: ColumnMap) -> None:
    with pytest.raises(InputRefusedError, match=r"nowhere\.csv does not exist"):
        list(read_ledger(tmp_path / "nowhere.csv", plain_map))
    with pytest.raises(InputRefusedError, match="is not a regular file"):
        list(read_ledger(tmp_path, plain_map))


def test_a_ledger_in_another_encoding_altogether_is_refused_whole(
    tmp_path: Path, plain_map: ColumnMap
) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(b"Invoice,Customer\n")
    with pytest.raises(InputRefusedError, match="is not written in utf-16"):
        list(read_ledger(path, plain_map.model_copy(update={"encoding": "utf-16"})))
