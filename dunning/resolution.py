"""Which policy a receivable gets, and why.

Invoice > customer > rule of the segment > the creditor's default; an exclusion beats them all. A
policy that is not for such a receivable is passed over, and the next in line is asked.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from schemas.assignment import Assignment, Exclusion, Group
from schemas.customer import CustomerFacts
from schemas.invoice import Invoice
from schemas.policy import ANY, Policy, Selection

_KINDS: Final = {"invoice": "invoices", "subscription": "subscriptions", "fee": "fees"}
_DEBTORS: Final = {
    "consumer": "consumers",
    "sole_trader": "sole traders",
    "business": "businesses",
    "public_body": "public bodies",
}


class Resolved(NamedTuple):
    """The policy a receivable gets, or none; the reason is a sentence to keep with the case."""

    policy: Policy | None
    reason: str


class _Candidate(NamedTuple):
    name: str
    because: str


def resolve(
    assignment: Assignment,
    policies: Mapping[str, Policy],
    invoice: Invoice,
    customer: CustomerFacts,
) -> Resolved:
    """Return the policy that an invoice of a customer gets, and the reason.

    `policies` holds every policy the assignment names. Raises KeyError when one is missing.
    """
    for exclusion in assignment.exclude:
        if _excludes(exclusion, invoice, customer):
            return Resolved(None, f"no policy, because it is excluded: {exclusion.reason}")
    passed: list[str] = []
    for name, because in _candidates(assignment, invoice, customer):
        policy = policies[name]
        refusal = refuses(policy.for_, invoice, customer)
        if refusal is None:
            return Resolved(policy, "; ".join((f"policy {policy.id}, because {because}", *passed)))
        if f"{policy.id} {refusal}" not in passed:
            passed.append(f"{policy.id} {refusal}")
    return Resolved(None, "; ".join(("no policy", *(passed or ["nothing is assigned to it"]))))


def _candidates(
    assignment: Assignment, invoice: Invoice, customer: CustomerFacts
) -> Iterator[_Candidate]:
    if own := assignment.invoices.get(invoice.id):
        yield _Candidate(own, f"invoice {invoice.id} has it")
    if own := assignment.customers.get(customer.id):
        yield _Candidate(own, f"customer {customer.id} has it")
    for rule in assignment.rules:
        if _matches(rule, invoice, customer):
            yield _Candidate(rule.policy, f"a rule gives it to {_described(rule)}")
    if assignment.default:
        yield _Candidate(assignment.default, "it is the creditor's default")


def _excludes(exclusion: Exclusion, invoice: Invoice, customer: CustomerFacts) -> bool:
    return (
        (not exclusion.invoices or invoice.id in exclusion.invoices)
        and (not exclusion.customers or customer.id in exclusion.customers)
        and _matches(exclusion, invoice, customer)
    )


def _matches(group: Group, invoice: Invoice, customer: CustomerFacts) -> bool:
    return (
        (not group.segments or customer.segment in group.segments)
        and (not group.kinds or invoice.kind in group.kinds)
        and (not group.debtors or customer.kind in group.debtors)
        and (not group.countries or customer.country in group.countries)
    )


def _described(group: Group) -> str:
    parts = (
        f"segment {' or '.join(group.segments)}" if group.segments else "",
        " or ".join(_KINDS[kind] for kind in group.kinds),
        " or ".join(_DEBTORS[kind] for kind in group.debtors),
        f"country {' or '.join(group.countries)}" if group.countries else "",
    )
    return ", ".join(part for part in parts if part)


def refuses(selection: Selection, invoice: Invoice, customer: CustomerFacts) -> str | None:
    """Say why a policy is not for this receivable; None when it is.

    A segment or a country that is not known is in no list.
    """
    if selection.kinds and invoice.kind not in selection.kinds:
        return f"is not for {_KINDS[invoice.kind]}"
    segments = selection.segments
    if segments and ANY not in segments and customer.segment not in segments:
        return f"is not for {_of('segment', customer.segment)}"
    if selection.debtors and customer.kind not in selection.debtors:
        return f"is not for {_DEBTORS[customer.kind]}"
    if selection.countries and customer.country not in selection.countries:
        return f"is not for {_of('country', customer.country)}"
    return None


def _of(what: str, value: str | None) -> str:
    return f"an unknown {what}" if value is None else f"{what} {value}"
