"""Reading scenarios, and running them through the simulator."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from dunning.opening import new_case
from dunning.render import view
from dunning.simulate import simulate
from library.assignments import choose, is_assignment, read_assignment
from library.charge_packs import with_charges
from library.documents import Document, DocumentRefusedError, fault_at, faults, read_document
from library.jurisdictions import packs_for, rulebook
from library.places import zones_of
from library.policies import is_path, policy_path
from library.salvage import read_policy
from schemas.case import Case, CaseView
from schemas.currencies import EXPONENTS
from schemas.customer import CustomerFacts
from schemas.errors import InputRefusedError, RefusedByRulesError
from schemas.policy import Policy
from schemas.scenario import Scenario
from schemas.signals import EVENT, sums

SHAPE = "a scenario is a mapping with policy, invoice, customer"


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in a file; an inline policy or assignment is checked as well.

    The path of a policy starts at the scenario's own folder, or else where the command runs.
    Raises InputRefusedError with every fault, each naming file, line and field.
    """
    document = read_document(path)
    if not isinstance(document.content, dict):
        raise DocumentRefusedError((f"{path}: {SHAPE}",))
    found = [*_policy_faults(document, path.parent)]
    try:
        scenario = Scenario.model_validate(document.content)
    except ValidationError as error:
        found += faults(error, document, Scenario)
    found += (*_foreign_sums(document), *_unknown_places(document))
    if found:
        raise DocumentRefusedError(tuple(found))
    if isinstance(scenario.policy, dict):
        return scenario
    return scenario.model_copy(update={"policy": _beside(scenario.policy, path.parent)})


def _policy_faults(document: Document, folder: Path) -> Iterator[str]:
    """Yield what is wrong with an inline policy or assignment, or with the name of another."""
    inline = document.part("policy")
    try:
        if is_assignment(inline.content):
            read_assignment(inline, folder)
        elif isinstance(inline.content, dict):
            read_policy(inline)
        elif isinstance(inline.content, str):
            policy_path(_beside(inline.content, folder))
    except DocumentRefusedError as error:
        yield from error.faults
    except InputRefusedError as error:
        yield fault_at(document, ("policy",), str(error))


def _beside(named: str, folder: Path) -> str:
    """Return the id, or the path from here, of a policy that a scenario in that folder names."""
    if not is_path(named):
        return named
    places = (folder / named, Path(named))
    if (found := next((place for place in places if place.is_file()), None)) is None:
        tried = dict.fromkeys(str(place.resolve()) for place in places)
        raise InputRefusedError(f"there is no file {' and no file '.join(tried)}")
    return str(found)


def _foreign_sums(document: Document) -> Iterator[str]:
    currency = _under(document.content, "invoice", "amount", "currency")
    events = _under(document.content, "events")
    if currency not in EXPONENTS or not isinstance(events, list):
        return
    for number, written in enumerate(events):
        for wrong in _currencies(written) - {currency}:
            words = f"is in {wrong}, the invoice is in {currency}"
            yield fault_at(document, ("events", number, "amount"), words)


def _currencies(written: object) -> set[str]:
    """Return the currencies of an event; none of one that does not read, which is told anyway."""
    try:
        return {one.currency for one in sums(EVENT.validate_python(written))}
    except ValidationError:
        return set()


def _unknown_places(document: Document) -> Iterator[str]:
    names = _under(document.content, "jurisdictions")
    for number, name in enumerate(names if isinstance(names, list) else ()):
        try:
            packs_for(CustomerFacts(id="anyone"), [str(name)])
        except InputRefusedError as error:
            words = str(error).removeprefix("jurisdictions: ")
            yield fault_at(document, ("jurisdictions", number), words)


def _under(content: object, *keys: str) -> object:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


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
