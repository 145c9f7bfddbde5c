"""`dunning allocate` and `dunning offer`: where money goes, and in which parts it may come."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from pydantic import ValidationError

from schemas.base import Frozen
from schemas.errors import InputRefusedError, RefusedByRulesError
from schemas.money import Amount, positive
from schemas.signals import PaymentReceived
from settings import settings
from starter.console import AsJson, Creditor, moment, now, out, print_json, run

if TYPE_CHECKING:
    from dunning.charges.allocation import OpenClaim, Shares

Every = Literal["weekly", "fortnightly", "monthly", "eom"]
"""The `Frequency` of a plan; named here because its module would load the rules for `--help`."""


class SharedRow(Frozen):
    """What one invoice gets, why, and the `payment_received` that tells its case."""

    invoice: str
    amount: Amount
    why: str
    signal: PaymentReceived


class Allocated(Frozen):
    """A payment shared among invoices; `left` is to clarify, or the customer's credit."""

    payment: str
    shares: tuple[SharedRow, ...]
    left: Amount


def allocate(  # noqa: PLR0913, PLR0917 - an option each
    amount: Annotated[str, typer.Argument(help="The sum, e.g. 120.00.")],
    currency: Annotated[str, typer.Argument(help="Its currency, e.g. EUR.")],
    customer: Annotated[str, typer.Option(help="Who paid: the customer's id.")],
    payment: Annotated[
        str, typer.Option("--id", help="The payment's id, the same each time it is told.")
    ],
    reference: Annotated[
        str | None, typer.Option(help="What the debtor wrote: the invoices it names come first.")
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option(metavar="INVOICE=SUM", help="A share the debtor wrote down.")
    ] = None,
    on: Annotated[str | None, typer.Option(help="The value date; default: today, in UTC.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="A ledger (CSV) instead of the books and cases.")
    ] = None,
    column_map: Annotated[Path | None, typer.Option("--map", help="The ledger's columns.")] = None,
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Share a payment among a customer's open invoices, and say why; nothing is changed or sent.

    Exit code 1 when the customer owes nothing in that currency.
    """
    money, at = _sum(amount, currency, "the amount"), now()
    day = _day(on, "--on") or at.date()
    split = _split(to or (), money.currency)
    claims = _claims(ledger, column_map, creditor, customer, money.currency, day)
    if not any(one.open_minor > 0 for one in claims):
        raise RefusedByRulesError(f"customer {customer} owes nothing in {money.currency}")
    told = _told(payment, at=at, amount=money, value_on=day, reference=reference)
    _print(_allocated(told, _shared(claims, told, split, day)), as_json=as_json)


def _claims(
    ledger: Path | None,
    column_map: Path | None,
    creditor: str | None,
    customer: str,
    currency: str,
    day: date,
) -> "tuple[OpenClaim, ...]":
    if (ledger is None) != (column_map is None):
        raise InputRefusedError("--ledger and --map go together")
    if ledger is not None and column_map is not None:
        from starter.open_items import ledger_items

        return ledger_items(ledger, column_map, customer, currency, day)
    from starter.live_items import live_items

    whose = creditor or settings().creditor
    return run(live_items(whose, customer, currency, day))


def _told(payment: str, **fields: object) -> PaymentReceived:
    from dunning.inbox import explain

    try:
        return PaymentReceived.model_validate({"id": payment, **fields})
    except ValidationError as error:
        raise InputRefusedError(f"--id: {explain(error)}") from error


def _shared(
    claims: "tuple[OpenClaim, ...]", told: PaymentReceived, split: dict[str, int], day: date
) -> "Shares":
    from dunning.charges.allocation import allocate_as_told, allocate_between

    money = told.amount
    if not split:
        return allocate_between(claims, money.minor, told.reference, today=day)
    try:
        return allocate_as_told(claims, money.minor, split, money.currency)
    except ValueError as error:
        raise InputRefusedError(f"--to: {error}") from error


def _allocated(told: PaymentReceived, shared: "Shares") -> Allocated:
    currency = told.amount.currency
    rows = []
    for one in shared.shares:
        part = Amount.of(one.minor, currency)
        signal = told.model_copy(update={"id": f"{told.id}:{one.invoice}", "amount": part})
        rows.append(SharedRow(invoice=one.invoice, amount=part, why=one.why, signal=signal))
    return Allocated(payment=told.id, shares=tuple(rows), left=Amount.of(shared.left, currency))


def _print(found: Allocated, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for row in found.shares:
        line = f"{row.invoice}: {row.amount.text} {row.amount.currency}, {row.why}"
        out.print(line, soft_wrap=True, markup=False)
    if found.left.minor:
        out.print(f"left to clarify: {found.left.text} {found.left.currency}", markup=False)


def _sum(text: str, currency: str, where: str) -> Amount:
    from dunning.inbox import explain

    try:
        return positive(Amount.model_validate({"amount": text, "currency": currency}))
    except ValidationError as error:
        raise InputRefusedError(f"{where} {text} {currency}: {explain(error)}") from error
    except ValueError as error:
        raise InputRefusedError(f"{where} {text} {currency}: {error}") from error


def _split(shares: Sequence[str], currency: str) -> dict[str, int]:
    split: dict[str, int] = {}
    for share in shares:
        invoice, equals, text = share.rpartition("=")
        if not equals or not invoice:
            raise InputRefusedError(f"--to {share!r} is not written INVOICE=SUM, e.g. INV-1=50.00")
        if invoice in split:
            raise InputRefusedError(f"--to names invoice {invoice} twice")
        split[invoice] = _sum(text, currency, f"--to {invoice}:").minor
    return split


def _day(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise InputRefusedError(f"{option} {text!r} is not a day like 2026-02-10") from error


def offer(
    scenario: Annotated[Path, typer.Argument(help="A case with its history (YAML or JSON).")],
    at: Annotated[str | None, typer.Option(help="When, with offset; default: the end.")] = None,
    instalments: Annotated[int | None, typer.Option(min=1, help="How many equal ones.")] = None,
    first: Annotated[str | None, typer.Option(help="The day of the first one.")] = None,
    every: Annotated[Every, typer.Option(help="How they follow one another.")] = "monthly",
    down: Annotated[str | None, typer.Option(help="A down payment, e.g. 100.00.")] = None,
    as_json: AsJson = False,
) -> None:
    """Offer a payment plan for what is open, within the limits of policy and law; nothing is sent.

    The debtor accepts with `plan_accepted`: the offer's instalments, and its name as `terms`. Exit
    code 1 when nothing is open or the wish lies outside the limits.
    """
    from dunning.plans.offer import Wish, make_offer
    from dunning.plans.schedule import Rhythm
    from dunning.simulate import simulate
    from starter.scenarios import case_of, load_scenario

    told = load_scenario(scenario)
    case, when = simulate(case_of(told), told.events, moment(at) or told.until)
    part = _sum(down, case.currency, "--down") if down is not None else None
    wish = Wish(instalments, _day(first, "--first"), part, Rhythm(every))
    try:
        found = make_offer(case, when, wish)
    except ValueError as error:
        raise RefusedByRulesError(f"invoice {case.invoice.id}: {error}") from error
    if as_json:
        print_json(found)
        return
    out.print(f"{found.terms}, to be accepted by {found.valid_until}", markup=False)
    for one in found.instalments:
        out.print(f"  {one.due_on}: {one.amount.text} {one.amount.currency}", markup=False)
