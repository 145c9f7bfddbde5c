"""The dossier a collections agency gets: the debt, its ledger and every contact, as JSON and CSV.

Contents come from the books as they stand at the hand-off, in a fixed order, so that writing the
dossier again writes the same bytes. Amounts are decimal strings with their currency.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping

from dunning.calendar import zone
from schemas.effects import Effect
from schemas.messages import Document
from schemas.money import plain
from store import charge_book
from store.debtors import Debt

LEDGER = ("date", "line", "amount", "currency", "ground")
CONTACTS = ("at", "step", "channel", "result", "reference")

MOVEMENTS: Final = frozenset(
    {"payment_received", "payment_reversed", "credit_issued", "written_off", "dispute_resolved"}
)
"""Which events move money; a dispute or a promise only speaks of it."""


def dossier(tx: Connection, debt: Debt, order: Effect) -> tuple[Document, ...]:
    """Return the files of the dossier: `case.json`, `ledger.csv`, `contacts.csv`, `SHA256SUMS`."""
    folder = f"dossiers/{order.creditor}/{order.invoice}/{order.episode}"
    ledger, contacts = _ledger(tx, debt, order), _contacts(tx, order)
    files = {
        "case.json": _json(debt, order, ledger, contacts),
        "contacts.csv": _csv(CONTACTS, contacts),
        "ledger.csv": _csv(LEDGER, ledger),
    }
    sums = "".join(
        f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files.items())
    )
    files["SHA256SUMS"] = sums.encode()
    return tuple(
        Document(name=f"{folder}/{name}", body=body, content_type=_content_type(name))
        for name, body in files.items()
    )


def _content_type(name: str) -> str:
    kinds = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
    return kinds.get(name.rpartition(".")[2], "text/plain; charset=utf-8")


def _ledger(tx: Connection, debt: Debt, order: Effect) -> list[dict[str, str]]:
    currency, invoice = order.currency, debt.invoice
    lines = [_line(str(invoice.issued_on), "invoice", invoice.amount.text, currency, invoice.id)]
    lines += [
        _charge(charge, currency)
        for charge in charge_book.posted(tx, order.creditor, order.invoice)
    ]
    lines += [
        _movement(event, debt, currency)
        for event in charge_book.events(tx, order.creditor, order.invoice)
        if event["detail"]["type"] in MOVEMENTS
    ]
    return sorted(lines, key=lambda line: line["date"])


def _charge(charge: RowMapping, currency: str) -> dict[str, str]:
    minor, kind, ground = charge["amount_minor"], charge["kind"], charge["ground"]
    if minor < 0:
        kind, ground = f"{kind}_correction", f"{ground}; corrects {charge['inputs']['corrects']}"
    return _line(str(charge["posted_on"]), kind, plain(minor, currency), currency, ground)


def _movement(event: RowMapping, debt: Debt, currency: str) -> dict[str, str]:
    detail = event["detail"]
    at = datetime.fromisoformat(detail["happened_at"])
    day = at.astimezone(zone(debt.customer.time_zone)).date()
    # without an amount it is about the whole of what it names
    return _line(str(day), detail["type"], detail.get("amount", ""), currency, event["entry"])


def _line(day: str, line: str, amount: str, currency: str, ground: str) -> dict[str, str]:
    return dict(zip(LEDGER, (day, line, amount, currency, ground), strict=True))


def _contacts(tx: Connection, order: Effect) -> list[dict[str, str]]:
    return [
        {
            "at": row["case_at"].isoformat(),
            "step": row["step"],
            "channel": row["channel"],
            "result": row["state"],
            "reference": row["reference"] or "",
        }
        for row in charge_book.contacts(tx, order.creditor, order.invoice)
    ]


def _json(debt: Debt, order: Effect, ledger: Sequence[Any], contacts: Sequence[Any]) -> bytes:
    document = {
        "schema": "dunning-dossier/1",
        "creditor": order.creditor,
        "agency": order.agency,
        "handed_off_at": order.at.isoformat(),
        "episode": order.episode,
        "invoice": debt.invoice.model_dump(mode="json"),
        "debtor": debt.customer.model_dump(mode="json", exclude_none=True),
        "open": {"amount": plain(order.open_minor, order.currency), "currency": order.currency},
        "ledger": ledger,
        "contacts": contacts,
    }
    return (json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _csv(columns: Sequence[str], rows: Iterable[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_harmless(row) for row in rows)
    return text.getvalue().encode()


def _harmless(row: dict[str, str]) -> dict[str, str]:
    return {name: f"'{cell}" if _is_formula(cell) else cell for name, cell in row.items()}


def _is_formula(cell: str) -> bool:
    """Whether a spreadsheet would compute the cell instead of showing it; a number is shown."""
    return cell[:1] in {"=", "+", "-", "@"} and not re.fullmatch(r"-\d+(\.\d+)?", cell)
