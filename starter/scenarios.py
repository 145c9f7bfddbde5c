"""Reading scenarios, and running them through the simulator."""

from pathlib import Path

from pydantic import ValidationError

from dunning.inbox import explain
from dunning.opening import new_case
from dunning.render import view
from dunning.simulate import simulate
from library.policies import find_policy, read_document
from schemas.case import CaseView
from schemas.errors import InputRefusedError
from schemas.scenario import Scenario
from schemas.signals import sums


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in a file; raises InputRefusedError naming file and fields."""
    document = read_document(path)
    if not isinstance(document, dict):
        raise InputRefusedError(f"{path}: a scenario is a mapping with policy, invoice, customer")
    try:
        scenario = Scenario.model_validate(document)
    except ValidationError as error:
        raise InputRefusedError(f"{path}: {explain(error)}") from error
    _check_currencies(scenario, path)
    return scenario


def _check_currencies(scenario: Scenario, path: Path) -> None:
    currency = scenario.invoice.amount.currency
    for number, event in enumerate(scenario.events):
        for amount in sums(event):
            if amount.currency != currency:
                raise InputRefusedError(
                    f"{path}: events.{number}.amount: is in {amount.currency}, "
                    f"the invoice is in {currency}"
                )


def run_scenario(scenario: Scenario) -> CaseView:
    """Return the view of the case at the scenario's end."""
    case = new_case(
        scenario.creditor,
        scenario.invoice,
        scenario.customer.facts,
        find_policy(scenario.policy),
        scenario.opened_at,
    )
    return view(*simulate(case, scenario.events, scenario.until))
