"""The names under which Temporal knows us, which others build on."""

from schemas.signals import SIGNALS
from temporal import ids
from temporal.search_attributes import ALL, kind
from workflows.handlers import SignalHandlers
from workflows.invoice import InvoiceDunning
from workflows.sweep import OverdueSweep


def test_a_case_is_found_under_its_creditor_and_invoice() -> None:
    assert ids.case_id("acme", "INV-1") == "dunning:acme:INV-1"


def test_workflow_types_queue_and_schedule_are_those_of_the_contract() -> None:
    assert (ids.CASE_WORKFLOW, ids.SWEEP_WORKFLOW) == ("InvoiceDunning", "OverdueSweep")
    assert (ids.TASK_QUEUE, ids.SWEEP_SCHEDULE) == ("dunning", "dunning-sweep")


def test_the_workflows_are_defined_under_the_names_they_are_started_by() -> None:
    names = [
        vars(type_)["__temporal_workflow_definition"].name
        for type_ in (InvoiceDunning, OverdueSweep)
    ]
    assert names == [ids.CASE_WORKFLOW, ids.SWEEP_WORKFLOW]


def test_search_attributes_have_the_types_of_the_contract() -> None:
    assert {key.name: kind(key) for key in ALL} == {
        "DunningStage": "Keyword",
        "DunningStatus": "Keyword",
        "DunningCreditor": "Keyword",
        "DunningCustomer": "Keyword",
        "DunningAttention": "KeywordList",
        "DunningNextActionAt": "Datetime",
        "DunningAmountDue": "Double",
    }


def test_every_signal_has_a_handler_that_says_which_fields_it_wants() -> None:
    for name in SIGNALS:
        described = vars(SignalHandlers)[name].__temporal_signal_definition
        assert (described.name, "id, at" in described.description) == (name, True)
