"""Reading scenarios, and running them through the simulator."""

from collections.abc import Iterator
from pathlib import Path

from dunning.opening import new_case
from dunning.render import view
from dunning.simulate import simulate
from library.assignments import choose, is_assignment, read_assignment
from library.charge_packs import with_charges
from library.documents import Document, DocumentRefusedError, checked, fault_at, read_document
from library.jurisdictions import packs_for, rulebook
from library.places import zones_of
from library.policies import SHAPE as POLICY_SHAPE
from schemas.case import Case, CaseView
from schemas.errors import InputRefusedError, RefusedByRulesError
from schemas.policy import Policy
from schemas.scenario import Scenario
from schemas.signals import sums

SHAPE = "a scenario is a mapping with policy, invoice, customer"


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in a file, an inline policy or assignment checked as well.

    Raises InputRefusedError with every fault, each naming file, line and field.
    """
    document = read_document(path)
    scenario = checked(document, Scenario, SHAPE)
    if isinstance(scenario.policy, dict):
        _check_inline(document.part("policy"), path.parent)
    if found := (*_foreign_sums(scenario, document), *_unknown_places(scenario, document)):
        raise DocumentRefusedError(found)
    return scenario


def _check_inline(document: Document, folder: Path) -> None:
    if is_assignment(document.content):
        read_assignment(document, folder)
    else:
        checked(document, Policy, POLICY_SHAPE)


def _foreign_sums(scenario: Scenario, document: Document) -> Iterator[str]:
    currency = scenario.invoice.amount.currency
    for number, event in enumerate(scenario.events):
        for wrong in {one.currency for one in sums(event)} - {currency}:
            words = f"is in {wrong}, the invoice is in {currency}"
            yield fault_at(document, ("events", number, "amount"), words)


def _unknown_places(scenario: Scenario, document: Document) -> Iterator[str]:
    for number, name in enumerate(scenario.jurisdictions or ()):
        try:
            packs_for(scenario.customer, [name])
        except InputRefusedError as error:
            words = str(error).removeprefix("jurisdictions: ")
            yield fault_at(document, ("jurisdictions", number), words)


def policy_of(scenario: Scenario) -> Policy:
    """Return the policy a scenario names, or that its assignment gives.

    Raises InputRefusedError for one that does not read, and RefusedByRulesError, with the reason,
    when an assignment gives none.
    """
    chosen = choose(scenario.policy, scenario.invoice, scenario.customer.facts)
    if chosen.policy is None:
        raise RefusedByRulesError(f"invoice {scenario.invoice.id} gets {chosen.reason}")
    return chosen.policy


def case_of(scenario: Scenario) -> Case:
    """Return the case a scenario opens, with the rules of its jurisdictions pinned in it.

    Raises as `policy_of` does, and InputRefusedError for a jurisdiction that does not exist.
    """
    policy, facts = policy_of(scenario), scenario.customer.facts
    invoice, named = scenario.invoice, scenario.jurisdictions
    if named == ():
        return new_case(scenario.creditor, invoice, facts, policy, scenario.opened_at)
    placed = facts.model_copy(update={"zones": zones_of(scenario.customer)})
    case = new_case(scenario.creditor, invoice, placed, policy, scenario.opened_at)
    book = rulebook(scenario.customer, named, case.opened_at.date())
    rules = with_charges(book, placed, policy, invoice.due_on, named)
    return case.model_copy(update={"rules": rules})


def run_scenario(scenario: Scenario) -> CaseView:
    """Return the view of the case at the scenario's end; raises as `case_of` does."""
    return view(*simulate(case_of(scenario), scenario.events, scenario.until))
